import NIOCore
import NIOPosix
import Synchronization

/// A request as a hostile server sees it.
struct Asked: Sendable {
    var method: String
    var target: String
    /// The fields by their names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var line: String { "\(method) \(target)" }
}

/// What a hostile server says, byte for byte.
struct Said: Sendable {
    var bytes: [UInt8]
    /// Whether the connection ends behind it.
    var ends = false

    static func answer(
        _ status: Int,
        _ headers: [(String, String)] = [],
        _ body: [UInt8] = [],
        length: Int? = nil,
        isHead: Bool = false
    ) -> Said {
        var text = "HTTP/1.1 \(status) Any\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if status != 204 { text += "Content-Length: \(length ?? body.count)\r\n" }
        return Said(bytes: Array((text + "\r\n").utf8) + (isHead ? [] : body))
    }

    static func json(_ status: Int, _ text: String, _ headers: [(String, String)] = []) -> Said {
        answer(status, [("Content-Type", "application/json")] + headers, Array(text.utf8))
    }

    /// The same, with the connection ended behind it.
    var cut: Said { Said(bytes: bytes, ends: true) }
}

/// A server that says whatever a test wants, on a free port of loopback.
final class HostileServer: Sendable {
    let port: Int
    private let kept = Mutex<[Asked]>([])

    /// What it was asked, in order.
    var asked: [Asked] { kept.withLock { $0 } }
    /// The same as lines of method and target.
    var lines: [String] { asked.map(\.line) }

    private init(port: Int) {
        self.port = port
    }

    /// Runs `body` with a server; `answer` has the request and how many there were before it.
    static func run(
        _ answer: @escaping @Sendable (Asked, Int) async -> Said,
        _ body: @Sendable (HostileServer) async throws -> Void
    ) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = HostileServer(port: listener.channel.localAddress?.port ?? 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await listener.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            group.addTask { try? await server.serve(connection, answer) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            try await body(server)
        }
    }

    private func serve(
        _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ answer: @Sendable (Asked, Int) async -> Said
    ) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var bytes: [UInt8] = []
            var chunks = inbound.makeAsyncIterator()
            while true {
                while let request = Self.take(&bytes) {
                    let number = kept.withLock { kept in
                        kept.append(request)
                        return kept.count - 1
                    }
                    let said = await answer(request, number)
                    try await outbound.write(ByteBuffer(bytes: said.bytes))
                    if said.ends { return }
                }
                guard let chunk = try await chunks.next() else { return }
                bytes += chunk.readableBytesView
                // The greeting of TLS is no request.
                if bytes.first == 0x16 { return }
            }
        }
    }

    /// A whole request from the front; nil when it is not all there yet.
    private static func take(_ bytes: inout [UInt8]) -> Asked? {
        let end = Array("\r\n\r\n".utf8)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return nil }
        let lines = String(decoding: bytes[..<start], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= start + 4 + length else { return nil }
        let body = Array(bytes[(start + 4)..<(start + 4 + length)])
        bytes.removeFirst(start + 4 + length)
        return Asked(method: String(words[0]), target: String(words[1]), headers: headers, body: body)
    }
}

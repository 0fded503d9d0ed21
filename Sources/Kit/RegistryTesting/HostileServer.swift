import NIOCore
import NIOPosix
import Synchronization

/// A request as a hostile server sees it.
public struct Asked: Sendable {
    /// The method.
    public var method: String
    /// The path and the query.
    public var target: String
    /// The fields by their names in lower case.
    public var headers: [String: String]
    /// The body.
    public var body: [UInt8]

    /// Method and target.
    public var line: String { "\(method) \(target)" }
}

/// What a hostile server says, byte for byte.
public struct Said: Sendable {
    /// All of it, with status and fields.
    public var bytes: [UInt8]
    /// Whether the connection ends behind it.
    public var ends = false
    /// What comes behind the bytes, again and again until the other side goes.
    public var endless: [UInt8]?

    /// An answer byte for byte.
    public init(bytes: [UInt8], ends: Bool = false, endless: [UInt8]? = nil) {
        self.bytes = bytes
        self.ends = ends
        self.endless = endless
    }

    /// An answer; `length` is what it says of its length where that is a lie.
    public static func answer(
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

    /// An answer in JSON.
    public static func json(_ status: Int, _ text: String, _ headers: [(String, String)] = []) -> Said {
        answer(status, [("Content-Type", "application/json")] + headers, Array(text.utf8))
    }

    /// The same, with the connection ended behind it.
    public var cut: Said { Said(bytes: bytes, ends: true) }

    /// An answer whose body does not end: the piece, again and again.
    public static func endless(_ headers: [(String, String)] = [], piece: [UInt8]) -> Said {
        var text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        let chunk = Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
        return Said(bytes: Array((text + "\r\n").utf8), endless: chunk)
    }
}

/// A server that says whatever a test wants, on a free port of loopback.
public final class HostileServer: Sendable {
    /// The port.
    public let port: Int
    private let script: HostileScript

    /// What it was asked, in order.
    public var asked: [Asked] { script.kept.withLock { $0 } }
    /// The same as lines of method and target.
    public var lines: [String] { asked.map(\.line) }

    private init(port: Int, script: HostileScript) {
        self.port = port
        self.script = script
    }

    /// Runs `body` with a server; `answer` has the request and how many there were before it.
    public static func run(
        _ answer: @escaping @Sendable (Asked, Int) async -> Said,
        _ body: @Sendable (HostileServer) async throws -> Void
    ) async throws {
        let script = HostileScript(answer: answer)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(HostileHandler(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = HostileServer(port: listener.localAddress?.port ?? 0, script: script)
        do {
            try await body(server)
        } catch {
            try? await listener.close()
            throw error
        }
        try await listener.close()
    }
}

/// What a hostile server says, and what it was asked.
private final class HostileScript: Sendable {
    let answer: @Sendable (Asked, Int) async -> Said
    let kept = Mutex<[Asked]>([])

    init(answer: @escaping @Sendable (Asked, Int) async -> Said) {
        self.answer = answer
    }

    func said(to request: Asked) async -> Said {
        let number = kept.withLock { kept in
            kept.append(request)
            return kept.count - 1
        }
        return await answer(request, number)
    }
}

/// A connection to a hostile server: one request after the other.
private final class HostileHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: HostileScript
    private var bytes: [UInt8] = []
    private var isAnswering = false

    init(_ script: HostileScript) {
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        // The greeting of TLS is no request.
        guard bytes.first != 0x16 else { return context.close(promise: nil) }
        answerNext(context)
    }

    private func answerNext(_ context: ChannelHandlerContext) {
        guard !isAnswering, let request = Self.take(&bytes) else { return }
        isAnswering = true
        let script = script
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { await script.said(to: request) }.whenSuccess { said in
            let (handler, context) = box.value
            handler.isAnswering = false
            let written = context.writeAndFlush(handler.wrapOutboundOut(ByteBuffer(bytes: said.bytes)))
            if let endless = said.endless { return Self.repeat(ByteBuffer(bytes: endless), after: written, box) }
            guard said.ends else { return handler.answerNext(context) }
            written.whenComplete { _ in box.value.1.close(promise: nil) }
        }
    }

    /// Writes a piece when the one before is gone, as long as anybody takes it.
    private static func `repeat`(
        _ piece: ByteBuffer,
        after written: EventLoopFuture<Void>,
        _ box: NIOLoopBound<(HostileHandler, ChannelHandlerContext)>
    ) {
        written.whenSuccess {
            // In a turn of its own: what is taken at once would call this from within itself.
            box.value.1.eventLoop.execute {
                let (handler, context) = box.value
                guard context.channel.isActive else { return }
                Self.repeat(piece, after: context.writeAndFlush(handler.wrapOutboundOut(piece)), box)
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

import Foundation

/// One TCP connection to a server under test, driven by hand: it sends any bytes, whole requests or half of one.
///
/// Blocking, with a limit on each wait. Not to be shared between threads: `TestHTTPClient.withConnection` gives one to
/// a closure on a thread of its own.
public final class TestConnection {
    /// Why a connection could not do what was asked.
    public enum Failure: Error, Equatable {
        /// A system call failed, with the text of its error.
        case system(call: String, reason: String)
        /// The server said nothing for as long as a wait may take.
        case timedOut
        /// The server closed the connection when bytes were still expected; these came before.
        case ended(received: [UInt8])
        /// What came is not HTTP/1.1.
        case notHTTP(String)
    }

    /// The longest head of a response that is read, in bytes.
    private static let headSizeMax = 256 * 1024

    private var descriptor: Int32
    /// Bytes that came and were not read by anybody yet.
    private var received: [UInt8] = []

    /// Connects to an IPv4 address.
    public init(address: String, port: Int, timeout: Duration) throws {
        // A child process that inherited it would keep the connection open behind the test's back.
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure("socket") }
        var wait = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(port).bigEndian
        guard inet_pton(AF_INET, address, &target.sin_addr) == 1 else {
            throw Failure.system(call: "inet_pton", reason: address)
        }
        let status = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Self.failure("connect") }
    }

    deinit { close() }

    /// Closes the connection; more bytes that the server sends are answered by a reset.
    public func close() {
        guard descriptor >= 0 else { return }
        _ = Foundation.close(descriptor)
        descriptor = -1
    }

    /// Breaks the connection off with a reset, as a machine that loses its network or its power looks from afar.
    public func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    /// Makes room for few bytes only that nobody has read: the server then has to wait for who reads slowly.
    public func shrinkReceiveBuffer(to byteCount: Int32 = 16 * 1024) {
        var byteCount = byteCount
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &byteCount, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the server has said something that was not read yet, or has ended the connection.
    public func hasAnswer() -> Bool {
        guard received.isEmpty else { return true }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) >= 0
    }

    /// Says that no more bytes will be sent; the server can still answer.
    public func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }
}

// MARK: - Sending

extension TestConnection {
    /// Sends bytes as they are.
    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.send(
                    descriptor,
                    raw.baseAddress?.advanced(by: sent),
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("send") }
            sent += count
        }
    }

    /// Sends text as UTF-8.
    public func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// Sends the head of a request, with the framing of its body unless the test names its own.
    public func sendHead(of request: TestRequest, host: String = "localhost") throws {
        var head = "\(request.method) \(request.path) HTTP/1.1\r\n"
        if request[header: "Host"] == nil { head += "Host: \(host)\r\n" }
        for (name, value) in request.headers { head += "\(name): \(value)\r\n" }
        if request.isStreamed {
            head += "Transfer-Encoding: chunked\r\n"
        } else if request[header: "Content-Length"] == nil, !request.body.isEmpty || request.method != "GET" {
            head += "Content-Length: \(request.body.count)\r\n"
        }
        try send(head + "\r\n")
    }

    /// Sends the body of a request in the framing that its head announced.
    public func sendBody(of request: TestRequest) throws {
        guard request.isStreamed else { return try send(request.body) }
        for start in stride(from: 0, to: request.body.count, by: 1000) {
            let piece = request.body[start..<min(start + 1000, request.body.count)]
            try send(String(piece.count, radix: 16) + "\r\n")
            try send(Array(piece))
            try send("\r\n")
        }
        try send("0\r\n\r\n")
    }

    /// Sends a whole request and reads the answer; a body that expects `100 Continue` waits for it.
    public func exchange(_ request: TestRequest, host: String = "localhost") throws -> TestResponse {
        try sendHead(of: request, host: host)
        var interim: [Int] = []
        if request[header: "Expect"]?.lowercased() == "100-continue" {
            let head = try receiveHead()
            guard head.status < 200 else { return try receiveBody(of: head, method: request.method) }
            interim.append(head.status)
        }
        do {
            try sendBody(of: request)
        } catch Failure.system(let call, _) where call == "send" {
            // A server may answer and close before it has read a body that it refuses: its answer counts.
        }
        var response = try receive(method: request.method)
        response.interim = interim + response.interim
        return response
    }
}

// MARK: - Receiving

extension TestConnection {
    /// Reads one whole response, and the interim responses before it.
    public func receive(method: String = "GET") throws -> TestResponse {
        var interim: [Int] = []
        while true {
            let head = try receiveHead()
            guard head.status >= 200 || head.status == 101 else {
                interim.append(head.status)
                continue
            }
            var response = try receiveBody(of: head, method: method)
            response.interim = interim
            return response
        }
    }

    /// Reads the head of one response, interim or not.
    public func receiveHead() throws -> TestResponse {
        var lines = try receiveLines()
        let first = lines.removeFirst()
        let words = first.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw Failure.notHTTP(first)
        }
        let headers = try lines.map { line in
            guard let colon = line.firstIndex(of: ":") else { throw Failure.notHTTP(line) }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (String(line[..<colon]), value)
        }
        return TestResponse(status: status, headers: headers)
    }

    /// Reads the body that a head announces.
    public func receiveBody(of head: TestResponse, method: String) throws -> TestResponse {
        var response = head
        if method == "HEAD" || head.status == 204 || head.status == 304 || head.status < 200 { return response }
        if head[header: "Transfer-Encoding"]?.lowercased() == "chunked" {
            response.body = try receiveChunks()
        } else if let length = head[header: "Content-Length"] {
            guard let count = Int(length), count >= 0 else { throw Failure.notHTTP("Content-Length: \(length)") }
            response.body = try receive(count: count)
        } else {
            response.body = try receiveToEnd()
        }
        return response
    }

    /// Reads exactly `count` bytes.
    public func receive(count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try fill() else { throw Failure.ended(received: received) }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// Reads until the server closes the connection.
    public func receiveToEnd() throws -> [UInt8] {
        while try fill() {}
        defer { received = [] }
        return received
    }

    /// Whether the server closes the connection, by an end or by a reset, without sending another byte.
    public func isEndedByServer() throws -> Bool {
        do {
            return try received.isEmpty && !fill()
        } catch Failure.system(let call, _) where call == "recv" {
            return true
        }
    }

    private func receiveChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try receiveLine()
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else { throw Failure.notHTTP(line) }
            if size == 0 { break }
            body += try receive(count: size)
            guard try receiveLine().isEmpty else { throw Failure.notHTTP("no line end after a chunk") }
        }
        while try !receiveLine().isEmpty {}
        return body
    }

    private func receiveLines() throws -> [String] {
        var lines = [try receiveLine()]
        var size = 0
        while let last = lines.last, !last.isEmpty {
            size += last.utf8.count
            guard size <= Self.headSizeMax else { throw Failure.notHTTP("a head over \(Self.headSizeMax) bytes") }
            lines.append(try receiveLine())
        }
        lines.removeLast()
        guard !lines.isEmpty else { throw Failure.notHTTP("an empty head") }
        return lines
    }

    private func receiveLine() throws -> String {
        var searched = 0
        while true {
            if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                let line = received[..<end]
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            searched = received.count
            guard try fill() else { throw Failure.ended(received: received) }
        }
    }

    /// Takes what the socket has.
    ///
    /// - Returns: False at the end of the stream.
    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                received += chunk[..<count]
                return true
            }
            if count == 0 { return false }
            if errno == EINTR { continue }
            if errno == EAGAIN { throw Failure.timedOut }
            throw Self.failure("recv")
        }
    }

    private static func failure(_ call: String) -> Failure {
        errno == EAGAIN ? .timedOut : .system(call: call, reason: String(cString: strerror(errno)))
    }
}

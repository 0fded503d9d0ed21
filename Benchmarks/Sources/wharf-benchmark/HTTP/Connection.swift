import Glibc

/// A keep-alive HTTP/1.1 connection that never blocks; one request is under way at a time.
final class Connection {
    private enum Reading {
        case head
        case counted(Response, left: Int)
        case chunked(Response, ChunkedBody)
    }

    /// Room for a head and for what of the body came with it.
    private static let bufferSize = 256 << 10
    /// What is thrown away inside the kernel with one call.
    private static let discardSizeMax = 4 << 20

    let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
    private var filled = 0
    private var request = Request("GET", "/")
    private var sent = 0
    private var reading = Reading.head

    init(port: Int) throws {
        descriptor = try Sockets.connect(port: port)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// What to wait for; a connection that still sends also listens, because the server may refuse early.
    var events: Int16 {
        Int16(isSent ? POLLIN : POLLIN | POLLOUT)
    }

    private var isSent: Bool { sent == request.bytes.count + (request.file?.count ?? 0) }

    /// Starts to send; the answer before it must be complete.
    func begin(_ request: Request) throws {
        self.request = request
        sent = 0
        filled = 0
        reading = .head
        try send()
    }

    /// Goes on after poll has reported `events`, and returns the answer once it is complete.
    func advance(_ events: Int16) throws -> Response? {
        if events & Int16(POLLOUT) != 0, !isSent { try send() }
        guard events & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return nil }
        return try receive()
    }

    private func send() throws {
        while sent < request.bytes.count {
            let count = request.bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard try Sockets.hasProgressed(count, "send") else { return }
            sent += count
        }
        guard let file = request.file else { return }
        while !isSent {
            let done = sent - request.bytes.count
            var offset = off_t(file.offset + done)
            let count = sendfile(descriptor, file.descriptor, &offset, file.count - done)
            guard try Sockets.hasProgressed(count, "sendfile") else { return }
            sent += count
        }
    }

    private func receive() throws -> Response? {
        if case .counted(let response, let left) = reading, !request.keepsBody {
            // With MSG_TRUNC TCP drops the bytes without copying them, so that the client is not the bottleneck.
            let count = recv(descriptor, buffer.baseAddress, min(left, Self.discardSizeMax), Int32(MSG_TRUNC))
            guard try Sockets.hasProgressed(count, "recv") else { return nil }
            reading = .counted(response, left: left - count)
            return try completed()
        }
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        let count = recv(descriptor, free.baseAddress, free.count, 0)
        guard try Sockets.hasProgressed(count, "recv") else { return nil }
        if case .head = reading {
            filled += count
            try takeHead()
        } else {
            try takeBody(UnsafeRawBufferPointer(rebasing: free[..<count]))
        }
        return try completed()
    }

    /// Looks for the empty line; what follows it is the begin of the body.
    private func takeHead() throws {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
        guard let headCount = Response.headCount(in: bytes) else {
            if filled == buffer.count { throw Failure("the head of the answer is too long") }
            return
        }
        var (response, framing) = try Response.parse(head: UnsafeRawBufferPointer(rebasing: bytes[..<headCount]))
        switch framing {
        case .count(let count):
            response.bodyCount = count
            reading = .counted(response, left: count)
        case .chunked:
            reading = .chunked(response, ChunkedBody())
        }
        filled = 0
        if headCount < bytes.count { try takeBody(UnsafeRawBufferPointer(rebasing: bytes[headCount...])) }
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) throws {
        switch reading {
        case .head:
            throw Failure("a body without a head")
        case .counted(var response, let left):
            guard bytes.count <= left else { throw Failure("the body is longer than its Content-Length") }
            if request.keepsBody { response.body += bytes }
            reading = .counted(response, left: left - bytes.count)
        case .chunked(var response, var body):
            try body.take(bytes) { run in
                response.bodyCount += run.count
                if request.keepsBody { response.body += run }
            }
            reading = .chunked(response, body)
        }
    }

    private func completed() throws -> Response? {
        switch reading {
        case .counted(let response, left: 0):
            return try allSent(response)
        case .chunked(let response, let body) where body.isComplete:
            return try allSent(response)
        default:
            return nil
        }
    }

    private func allSent(_ response: Response) throws -> Response {
        guard isSent else { throw Failure("answered \(response.status) before the body was sent") }
        return response
    }
}

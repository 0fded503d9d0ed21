import Glibc

/// What a server answered: the status, where an upload goes on, and how long the body was.
struct Response {
    var status: Int
    var location: String?
    var bodyCount = 0
    var body: [UInt8] = []

    /// Returns the response if it has this status and, where one is given, a body of this length.
    @discardableResult
    func expect(_ status: Int, bodyCount: Int? = nil) throws -> Response {
        guard self.status == status else {
            throw Failure("expected status \(status), got \(self.status) with a body of \(self.bodyCount) bytes")
        }
        if let bodyCount, bodyCount != self.bodyCount {
            throw Failure("expected a body of \(bodyCount) bytes, got \(self.bodyCount)")
        }
        return self
    }

    /// The path and query of `Location`, without scheme and host.
    func locationPath() throws -> String {
        guard let location else { throw Failure("the answer \(status) has no Location") }
        guard let scheme = location.firstRange(of: "://") else { return location }
        let authority = location[scheme.upperBound...]
        return String(authority[(authority.firstIndex(of: "/") ?? authority.endIndex)...])
    }
}

/// How the length of a response's body is known.
enum BodyFraming {
    case count(Int)
    case chunked
}

extension Response {
    /// The length of status line and headers with the empty line that ends them, if that has arrived.
    static func headCount(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var start = 0
        while let found = memchr(base + start, 0x0A, bytes.count - start) {
            let end = UnsafeRawPointer(found) - base + 1
            if end - start == 2, start > 0 { return end }
            start = end
        }
        return nil
    }

    /// Reads status line and headers, which end with the empty line that `head` includes.
    static func parse(head: UnsafeRawBufferPointer) throws -> (Response, BodyFraming) {
        guard head.count > 12, head[0] == UInt8(ascii: "H"), head[8] == UInt8(ascii: " ") else {
            throw Failure("not an HTTP/1.1 answer")
        }
        var response = Response(status: head[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 })
        var framing = BodyFraming.count(0)
        var start = head.startIndex
        while let end = head[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = UnsafeRawBufferPointer(rebasing: head[start..<end])
            if let value = value(of: "content-length:", in: line) {
                framing = .count(Int(value) ?? 0)
            } else if let value = value(of: "location:", in: line) {
                response.location = value
            } else if value(of: "transfer-encoding:", in: line) == "chunked" {
                framing = .chunked
            }
            start = end + 1
        }
        return (response, framing)
    }

    private static func value(of name: StaticString, in line: UnsafeRawBufferPointer) -> String? {
        let count = name.utf8CodeUnitCount
        guard line.count > count, let base = line.baseAddress else { return nil }
        let start = base.assumingMemoryBound(to: CChar.self)
        let wanted = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        guard strncasecmp(start, wanted, count) == 0 else { return nil }
        let value = line[count...].drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: "\r") }
        return String(decoding: value, as: UTF8.self)
    }
}

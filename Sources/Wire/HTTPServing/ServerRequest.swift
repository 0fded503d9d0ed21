import NIOHTTP1

/// One request, as a responder sees it.
///
/// The body is read as it comes.
public struct ServerRequest: Sendable {
    /// The method.
    public var method: HTTPMethod
    /// Path and query as they stand in the request line, not decoded.
    public var target: String
    /// The header fields.
    public var headers: HTTPHeaders
    /// The body; empty at once when there is none.
    public var body: RequestBody
    /// Names the request in logs and error bodies.
    public var id: RequestID
    /// The address of the client, as far as trusted proxies tell it.
    public var clientAddress: String
    /// Whether it came over TLS to this server.
    public var isSecure: Bool

    /// Describes a request.
    public init(
        method: HTTPMethod,
        target: String,
        headers: HTTPHeaders,
        body: RequestBody,
        id: RequestID,
        clientAddress: String,
        isSecure: Bool = false
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.id = id
        self.clientAddress = clientAddress
        self.isSecure = isSecure
    }
}

/// Names a request: unique in this process, and with high probability among all.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    private let value: UInt64

    /// The number `count` of a process whose ids begin at the random number `base`.
    init(base: UInt64, count: UInt64) {
        value = base &+ count
    }

    /// Makes an id from a number, for requests that come over no wire.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// Answers requests.
///
/// Called on the event loop of the connection: it must not block, and is fastest when it can answer without suspending.
public protocol HTTPResponder: Sendable {
    /// The answer to a request. There is no way to fail: an error is an answer too.
    func respond(to request: ServerRequest) async -> ServerResponse
}

/// A request as a test writes it: nothing is added but what the way to the registry needs.
public struct TestRequest: Sendable {
    /// The method, `GET` for instance; not checked.
    public var method: String
    /// The path with its query, as it stands in the request line; not encoded again.
    public var path: String
    /// Header fields in order, names as given.
    public var headers: [(String, String)]
    /// The whole body.
    public var body: [UInt8]
    /// Whether the body is sent in chunks, without saying its length beforehand.
    public var isStreamed: Bool

    /// A request.
    public init(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        isStreamed: Bool = false
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.isStreamed = isStreamed
    }

    /// The first value of a header field, its name compared without regard to case.
    public subscript(header name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }
}

/// A response as it came.
public struct TestResponse: Sendable {
    /// The status code.
    public var status: Int
    /// Header fields in the order they came.
    public var headers: [(String, String)]
    /// The body, without any framing.
    public var body: [UInt8]
    /// The status codes of interim responses (1xx) that came before.
    public var interim: [Int]

    /// A response.
    public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = [], interim: [Int] = []) {
        self.status = status
        self.headers = headers
        self.body = body
        self.interim = interim
    }

    /// The first value of a header field, its name compared without regard to case.
    public subscript(header name: String) -> String? {
        all(name).first
    }

    /// Every value of a header field, its name compared without regard to case.
    public func all(_ name: String) -> [String] {
        headers.filter { $0.0.lowercased() == name.lowercased() }.map(\.1)
    }

    /// The body read as UTF-8.
    public var text: String {
        String(decoding: body, as: UTF8.self)
    }
}

/// A way to a registry: straight into its responder, or over a socket.
public protocol RegistryHarness: Sendable {
    /// Sends one request and waits for the whole response.
    func send(_ request: TestRequest) async throws -> TestResponse
}

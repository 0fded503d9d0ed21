import Foundation

/// An HTTP/1.1 client that keeps nothing: each request has a connection and a thread of its own.
///
/// Written for tests and by itself, so that a fault of the product's HTTP library cannot hide in both ends.
public struct TestHTTPClient: RegistryHarness {
    /// The server's IPv4 address.
    public var address: String
    /// The server's port.
    public var port: Int
    /// How long one wait for the server may take.
    public var timeout: Duration

    /// A client of the server at `address`.
    public init(address: String = "127.0.0.1", port: Int, timeout: Duration = .seconds(30)) {
        self.address = address
        self.port = port
        self.timeout = timeout
    }

    /// Sends one request on a connection of its own and reads the whole response.
    public func send(_ request: TestRequest) async throws -> TestResponse {
        let host = "\(address):\(port)"
        return try await withConnection { try $0.exchange(request, host: host) }
    }

    /// Opens a connection, hands it to `body` on a thread of its own, and closes it afterwards.
    public func withConnection<Value: Sendable>(
        _ body: @escaping @Sendable (TestConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let connection = try TestConnection(address: address, port: port, timeout: timeout)
                        defer { connection.close() }
                        return try body(connection)
                    }
                )
            }
        }
    }
}

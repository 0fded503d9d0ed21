import AdminClient
import AdminModel
import RegistryTesting
import Synchronization
import Testing

/// A server that is killed and comes back at the same place, over the same data.
final class LifeServer: Sendable {
    /// For how long a blob stays in a repository that nothing there needs.
    static let grace = Duration.seconds(2)
    /// For how long what a client was told of a blob holds.
    static let quarantine = Duration.seconds(20)

    private static let settings = [
        "--trash-keep", "1d", "--gc-grace", "2s", "--gc-quarantine", "20s", "--gc-interval", "2s",
        // What was on its way when the server died.
        "--uploads-abandoned-after", "1m", "--uploads-sweep-interval", "10s",
    ]

    /// The data folder.
    let data: String
    /// What speaks to it as container clients do.
    let client: ServerClient
    /// Host and port.
    let authority: String
    private let environment: [String: String]
    private let process = Mutex<WharfProcess?>(nil)

    init(_ data: String, environment: [String: String]) throws {
        (self.data, self.environment) = (data, environment)
        authority = "127.0.0.1:\(try FreePort.find())"
        client = try ServerClient(authority: authority, timeout: .seconds(60))
    }

    /// What the process that runs has written.
    var log: String { process.withLock { $0 }?.log ?? "" }

    func kill() async {
        await process.withLock { $0.take() }?.kill()
    }

    func stop() async -> Int32? {
        await process.withLock { $0.take() }?.stop(within: .seconds(60))
    }

    /// Kills it, if it runs, and starts it again.
    func replace() async throws {
        await kill()
        let next = try await WharfProcess.start(
            data: data,
            listen: authority,
            arguments: Self.settings,
            environment: environment,
            readyWithin: .seconds(120)
        )
        process.withLock { $0 = next }
    }

    /// Waits until it is back.
    func demandBack() async throws {
        try await eventually("the server comes back", within: .seconds(120)) {
            (try? await client.http.send(TestRequest("GET", "/readyz")).status) == 200
        }
    }

    /// Asks the management, at the socket.
    func manage<Value: Sendable>(_ body: (AdminClient) async throws -> Value) async throws -> Value {
        try await AdminClient.withClient(.init(.socket("\(data)/admin.sock")), body)
    }
}

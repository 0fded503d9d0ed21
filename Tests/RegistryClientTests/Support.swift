import NIOCore
import OCI
import Outgoing
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import RegistryClient

/// Credentials that are the same for every repository.
struct FixedCredentials: CredentialSource {
    var credential: RegistryCredential?

    func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential? {
        credential
    }

    static func password(_ user: String, _ password: String) -> FixedCredentials {
        FixedCredentials(credential: .password(OutgoingCredentials(user: user, password: password)))
    }
}

/// A clock that goes on only by waiting, which takes no time.
final class FakeTime: Sendable {
    private let state = Mutex((now: ContinuousClock.now, waits: [Duration]()))

    /// What was waited for.
    var waits: [Duration] { state.withLock { $0.waits } }

    func advance(by duration: Duration) {
        state.withLock { $0.now += duration }
    }

    var time: ClientTime {
        ClientTime(
            now: { self.state.withLock { $0.now } },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.now += duration
                    state.waits.append(duration)
                }
            },
            random: { 1 }
        )
    }
}

/// The requests that a client has sent.
final class Requests: RequestObserver {
    private let kept = Mutex<[RequestRecord]>([])

    var all: [RequestRecord] { kept.withLock { $0 } }
    /// Methods and statuses, such as `GET 200`.
    var statuses: [String] { all.map { "\($0.method) \($0.status.map(String.init) ?? "-")" } }

    func note(_ record: RequestRecord) {
        kept.withLock { $0.append(record) }
    }
}

/// A client of a server on loopback in the clear, and what it does.
struct TestClient: Sendable {
    let client: RegistryClient
    let time: FakeTime
    let requests: Requests

    static func run(
        port: Int,
        host: String = "127.0.0.1",
        credentials: (any CredentialSource)? = nil,
        scheme: RegistryClient.Scheme = .http,
        _ change: (inout RegistryClient.Configuration) -> Void = { _ in },
        _ body: (TestClient) async throws -> Void
    ) async throws {
        let (time, requests) = (FakeTime(), Requests())
        var configuration = RegistryClient.Configuration(
            host: try RegistryHost("\(host):\(port)"),
            credentials: credentials
        )
        configuration.scheme = scheme
        configuration.time = time.time
        configuration.observer = requests
        change(&configuration)
        try await OutgoingClient.withClient { transport in
            let client = RegistryClient(configuration, over: transport)
            try await body(TestClient(client: client, time: time, requests: requests))
        }
    }

    /// Runs a hostile server, and a client of it.
    static func run(
        against answer: @escaping @Sendable (Asked, Int) async -> Said,
        credentials: (any CredentialSource)? = nil,
        _ body: @Sendable (TestClient, HostileServer) async throws -> Void
    ) async throws {
        try await HostileServer.run(answer) { server in
            try await run(port: server.port, credentials: credentials) { try await body($0, server) }
        }
    }
}

/// What a call is refused with.
func refusal(_ body: () async throws -> Void) async throws -> RegistryError {
    do {
        try await body()
    } catch let error as RegistryError {
        return error
    }
    throw NotRefused()
}

/// A call that should have been refused.
struct NotRefused: Error {}

extension RepositoryName {
    /// The repository of most tests.
    static var app: RepositoryName { get throws { try RepositoryName("team/app") } }
}

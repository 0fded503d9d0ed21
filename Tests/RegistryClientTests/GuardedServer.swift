import Access
import DistributionAPI
import HTTPServing
import Hosting
import Identity
import Limits
import Logging
import Metadata
import NIOPosix
import NetworkAddress
import OCI
import Observability
import RegistryContract
import RegistryTesting
import Wrapping

/// A registry with accounts that listens on loopback: those of ``TestAccounts``.
struct GuardedServer: Sendable {
    let port: Int
    /// The server's clock, by which tokens end.
    let clock: TestClock
    /// The registry itself, without the access.
    let direct: any Registry

    static let password = TestAccounts.password

    static func run(_ body: @escaping @Sendable (GuardedServer) async throws -> Void) async throws {
        try await TestRegistry.withInstallation { installation in
            let clock = TestClock()
            let (directory, authenticator) = try await TestAccounts.make(in: installation.facts, clock)
            let caller = Caller(id: "direct", address: "127.0.0.1", requestID: "0")
            let access = AccessControl(authenticator) { login, caller in
                AccessChecked(installation.host.registry(for: caller), for: login.principal) {
                    directory.rules(for: login)
                }
            }
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let distribution = DistributionResponder(access: access, log: log)
            let server = try await HTTPServer.start(
                HTTPServer.Configuration(host: "127.0.0.1", port: 0, proxies: TrustedProxies([])),
                responder: TokenResponder(before: distribution, access: access, log: log),
                metrics: ServerMetrics(MetricSet()),
                group: MultiThreadedEventLoopGroup.singleton,
                threads: .singleton
            )
            let direct = installation.host.registry(for: caller)
            do {
                try await body(GuardedServer(port: server.port, clock: clock, direct: direct))
            } catch {
                _ = await server.drain(within: .zero)
                throw error
            }
            _ = await server.drain(within: .zero)
        }
    }

    static func credentials(_ name: String, _ password: String = password) -> FixedCredentials {
        .password(name, password)
    }
}

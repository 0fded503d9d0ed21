import DistributionAPI
import HTTPServing
import Hosting
import Logging
import NIOPosix
import NetworkAddress
import OCI
import Observability
import Outgoing
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("Over TLS")
struct SecureTests {
    /// Rules that bring many requests, long fields and streams in both directions.
    static let rules = RegistryRules.rules.filter { rule in
        ["One push moves all its tags", "A blob is read back as it was pushed", "Many uploads at the same time"]
            .contains { rule.description.hasPrefix($0) }
    }

    /// A registry over TLS, where clients choose HTTP/2, and the certificate's file.
    private static func run(_ body: @escaping @Sendable (Int, String) async throws -> Void) async throws {
        let certificate = try await TestCertificate()
        try await TestRegistry.withInstallation { installation in
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let server = try await HTTPServer.start(
                HTTPServer.Configuration(
                    host: "127.0.0.1",
                    port: 0,
                    tls: try certificate.material(),
                    proxies: TrustedProxies([])
                ),
                responder: DistributionResponder(registries: installation.host, log: log),
                metrics: ServerMetrics(MetricSet()),
                group: MultiThreadedEventLoopGroup.singleton,
                threads: .singleton
            )
            do {
                try await body(server.port, certificate.certificateFile)
            } catch {
                _ = await server.drain(within: .zero)
                throw error
            }
            _ = await server.drain(within: .zero)
        }
    }

    @Test("A registry over TLS on this machine is spoken to over TLS, and keeps the contract", arguments: rules)
    func contract(rule: RegistryRules.Rule) async throws {
        try await Self.run { port, authority in
            var settings = OutgoingClient.Configuration()
            settings.tls = OutgoingTLS(authorityFiles: [authority])
            try await OutgoingClient.withClient(settings) { transport in
                let requests = Requests()
                var configuration = RegistryClient.Configuration(host: try RegistryHost("127.0.0.1:\(port)"))
                configuration.observer = requests
                try await rule.check(RegistryClient(configuration, over: transport))
                // One question in the clear, by nobody, to find out that TLS is spoken.
                let clear = requests.all.filter { !$0.url.hasPrefix("https://") }
                #expect(clear.map(\.url) == ["http://127.0.0.1:\(port)/v2/"] && clear.allSatisfy { !$0.isAuthorized })
            }
        }
    }

    @Test("A certificate that nobody here trusts is not passed over, also on this machine")
    func untrusted() async throws {
        try await Self.run { port, _ in
            try await TestClient.run(port: port, scheme: .automatic) { test in
                let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                #expect(error.code == .unavailable)
                #expect(error.message.contains("authority"))
            }
        }
    }
}

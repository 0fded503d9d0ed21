import OCI
import Outgoing
import RegistryClient
import RegistryContract
import RegistryTesting
import Testing

@Suite("A client keeps the contract over HTTP")
struct RegistryClientContractTests {
    @Test("Of a server that is hosted over files and SQLite", arguments: RegistryRules.rules + RegistryRules.tagHistory)
    func client(rule: RegistryRules.Rule) async throws {
        try await TestRegistry.withServer { server in
            let host = try RegistryHost("127.0.0.1:\(server.port)")
            try await OutgoingClient.withClient { transport in
                try await rule.check(RegistryClient(RegistryClient.Configuration(host: host), over: transport))
            }
        }
    }
}

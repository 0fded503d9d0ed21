import RegistryTesting
import Testing

extension InteropTests {
    @Suite("What the clients left in the storage")
    struct Verify {
        @Test("storage verify finds every byte of what clients pushed in order, while the server runs")
        func verify() async throws {
            let parties = try Parties.current
            // All of them have pushed after this, whichever tests ran before.
            for client in Client.allCases { _ = try await parties.pushes.digest(client, parties) }
            let result = try await WharfProcess.command(
                ["storage", "verify", "--data", "\(parties.folder)/registry"]
            ).run()
            #expect(result.status == 0, "\(result)")
        }
    }
}

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
            let data = "\(parties.folder)/registry"
            let result = try await WharfProcess.command(
                ["storage", "verify", "--data", data],
                environment: try await TestDatabase.current.environment(for: data)
            ).run()
            #expect(result.status == 0, "\(result)")
            // The image's five blobs, and at least the four layers that docker compressed anew.
            let blobs = try #require(result.standardOutput.words.first.flatMap { Int($0) })
            #expect(blobs >= 9, "\(result)")
        }

        @Test("No client was answered with a failure of the server's own")
        func noServerFailures() async throws {
            let parties = try Parties.current
            _ = try await parties.pushes.digest(.skopeo, parties)
            let page = try await RegistryReader(parties: parties).get("/metrics")
            let counts = String(decoding: page.body, as: UTF8.self).split(separator: "\n")
                .filter { $0.hasPrefix("wharf_http_requests_total{") }
            #expect(counts.contains { $0.contains(#"method="PUT",code="201""#) })
            #expect(counts.filter { $0.contains(#"code="5"#) } == [])
        }
    }
}

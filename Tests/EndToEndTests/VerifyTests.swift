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
            let result = try await parties.registry.verify()
            #expect(result.status == 0, "\(result)")
            // The image's five blobs, and at least the four layers that docker compressed anew.
            let blobs = try #require(result.standardOutput.words.first.flatMap { Int($0) })
            #expect(blobs >= 9, "\(result)")
        }

        @Test("No client was answered with a failure of the server's own")
        func noServerFailures() async throws {
            let parties = try Parties.current
            _ = try await parties.pushes.digest(.skopeo, parties)
            var counts: [Substring] = []
            for server in parties.registry.servers {
                let page = try await RegistryReader(parties: parties).get("/metrics", at: server)
                counts += String(decoding: page.body, as: UTF8.self).split(separator: "\n")
                    .filter { $0.hasPrefix("wharf_http_requests_total{") }
            }
            #expect(counts.contains { $0.contains(#"method="PUT",code="201""#) })
            #expect(counts.filter { $0.contains(#"code="5"#) } == [])
        }
    }
}

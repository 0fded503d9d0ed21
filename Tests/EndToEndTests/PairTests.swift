import RegistryTesting
import Testing

extension InteropTests {
    @Suite("Pairs of clients")
    struct Pairs {
        /// Every client with every other one: who pushes, who pulls.
        static let all = Client.allCases.flatMap { pusher in
            Client.allCases.filter { $0 != pusher }.map { (pusher, $0) }
        }

        @Test("What one client pushes, another pulls with the same digests", arguments: all)
        func pushAndPull(pusher: Client, puller: Client) async throws {
            let parties = try Parties.current
            let pushed = try await parties.pushes.digest(pusher, parties)
            let stored = try await RegistryReader(parties: parties).image(pusher.repository)
            #expect(stored.digest == pushed)
            #expect(stored.diffs == parties.images.debian.diffs)

            let pulled = try await puller.client(parties).pull(parties.reference(pusher.repository))
            #expect(pulled.digest == pushed)
            #expect(pulled.config == stored.config)
            switch pulled.layers {
            case .blobs(let digests): #expect(digests == stored.layers)
            case .diffs(let digests): #expect(digests == stored.diffs)
            }
        }

        @Test("A client that keeps the bytes pushes the digest of the original", arguments: [Client.skopeo, .ctr])
        func original(pusher: Client) async throws {
            let parties = try Parties.current
            #expect(try await parties.pushes.digest(pusher, parties) == parties.images.debian.digest)
        }
    }
}

import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// Blobs that were out of service, where a quota is used up.
@Suite struct DamagedQuotaTests {
    /// A house whose installation has less room than is used, with a blob that is out of service.
    private func damaged(_ house: QuotaHouse, _ blob: SampleBlob) async throws -> BlobFact {
        try await house.registry.push(blob, to: house.app)
        try await house.set(.installation, QuotaLimits(bytes: 1_000_000))
        let digest = try Digest(blob.digest)
        return try await house.stores.facts.write { facts in
            let fact = try #require(try facts.blob(digest))
            #expect(try facts.quarantine(fact, because: "it was tried"))
            return fact
        }
    }

    @Test func `what is found to be whole comes back into service, room or not`() async throws {
        try await QuotaHouse.with { house in
            let fact = try await damaged(house, SampleBlob(count: 5000, seed: 1))
            try await house.registry.push(SampleImage(seed: 2), to: house.app)
            let kept = try await house.used(.installation).bytes
            try await house.set(.installation, QuotaLimits(bytes: kept + 1000))
            #expect(try await house.stores.facts.write { try $0.release(fact) })
            #expect(try await house.used(.installation).bytes == kept + 5000)
            try await house.demandExact()
            let refusal = try await house.refusal {
                try await house.registry.push(SampleBlob(count: 10, seed: 3), to: house.app)
            }
            #expect(refusal != nil)
            // What goes pays that off first.
            try await house.registry.deleteBlob(Digest(SampleBlob(count: 5000, seed: 1).digest), in: house.app)
            try await house.collect()
            #expect(try await house.used(.installation).bytes == kept)
            try await house.demandExact()
            try await house.registry.push(SampleBlob(count: 900, seed: 4), to: house.app)
            try await house.demandExact()
        }
    }

    @Test func `a push mends it, room or not`() async throws {
        try await QuotaHouse.with { house in
            let blob = SampleBlob(count: 5000, seed: 1)
            _ = try await damaged(house, blob)
            try await house.set(.repository(house.app), QuotaLimits(bytes: 5000))
            try await house.set(.installation, QuotaLimits(bytes: 4000))
            try await house.registry.push(blob, to: house.app)
            #expect(try await house.used(.installation).bytes == 5000)
            #expect(try await house.used(.repository(house.app)).bytes == 5000)
            try await house.demandExact()
        }
    }

    @Test func `before its bytes, whether others have stored a blob is not told by the room of all`() async throws {
        try await QuotaHouse.with { house in
            let blob = SampleBlob(count: 5000, seed: 1)
            try await house.registry.push(blob, to: house.app)
            try await house.set(.installation, QuotaLimits(bytes: 6000))
            let (digest, absent) = (try Digest(blob.digest), try Digest(SampleBlob(count: 9, seed: 2).digest))
            func isRefused(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
                do {
                    _ = try await house.stores.facts.read {
                        try $0.requireRoom(for: digest, byteCount: 2000, in: name)
                    }
                    return false
                } catch is QuotaExceeded {
                    return true
                }
            }
            #expect(try await isRefused(digest, in: house.outside))
            #expect(try await isRefused(absent, in: house.outside))
            #expect(try await !isRefused(digest, in: house.app))
        }
    }
}

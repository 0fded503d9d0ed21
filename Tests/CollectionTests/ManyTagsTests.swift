import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import Metadata

/// Manifests that have more tags than go in one transaction.
@Suite struct ManyTagsTests {
    @Test func `a manifest with too many tags is deleted once some of them are gone`() async throws {
        try await TestStores.with { stores in
            let (image, name) = (SampleImage(seed: 1), try RepositoryName("team/app"))
            let registry = stores.host().registry(for: .tester)
            try await registry.push(image, to: name)
            let digest = try image.manifest.name
            let moment = Timestamp(microseconds: 1_700_000_000_000_000)
            for start in stride(from: 0, through: Facts.tagsDeletedMax, by: 1000) {
                try await stores.facts.write { facts in
                    let app = try #require(try facts.repository(name))
                    for number in start...min(start + 999, Facts.tagsDeletedMax) {
                        try facts.moveTag(Tag("t\(number)"), to: digest, in: app, at: moment, by: "user:alice")
                    }
                }
            }
            let refusal = await #expect(throws: RegistryError.self) {
                try await registry.deleteManifest(digest, in: name)
            }
            #expect(refusal?.code == .denied && refusal?.message.contains("more than 10000 tags") == true)
            try await registry.deleteTag(Tag("t7"), in: name)
            try await registry.deleteManifest(digest, in: name)
            #expect(try await stores.facts.read { try $0.tags(in: name, after: nil, limit: 10) } == [])
        }
    }
}

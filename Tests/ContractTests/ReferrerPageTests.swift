import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Testing

@Suite("Pages of referrers")
struct ReferrerPageTests {
    @Test("A manifest that is too large for any page with others has one of its own")
    func large() async throws {
        try await TestStores.with { stores in
            let registry = stores.registry(RegistryHost.Options(manifestByteCountMax: 8 << 20))
            let app = try RepositoryName("app")
            let subject = SampleManifest.index(of: [])
            let note = String(repeating: "a", count: Manifest.byteCountMax + 1)
            for text in [note, "b", "c" + note, "d"] {
                let extra = #","subject":\#(subject.descriptor()),"annotations":{"note":"\#(text)"}"#
                try await registry.push(SampleManifest.index(of: [], extra: extra), to: app)
            }
            var last: Digest?
            var sizes: [Int64] = []
            for number in 1...4 {
                let page = try await registry.referrers(
                    to: subject.name,
                    artifactType: nil,
                    in: app,
                    after: last,
                    limit: 100
                )
                try #require(!page.elements.isEmpty, "page \(number)")
                #expect(page.elements.count == 1 || page.elements.allSatisfy { $0.size < 1000 })
                sizes += page.elements.map(\.size)
                last = page.elements.last?.digest
                guard page.hasMore else { break }
            }
            #expect(sizes.count == 4)
            #expect(sizes.filter { $0 > Manifest.byteCountMax }.count == 2)
        }
    }
}

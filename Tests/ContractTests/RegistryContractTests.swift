import BlobStorageFiles
import Hosting
import RegistryContract
import RegistryTesting
import Testing

@Suite("Every registry keeps the contract")
struct RegistryContractTests {
    @Test("Hosted over files and SQLite", arguments: RegistryRules.rules)
    func files(rule: RegistryRules.Rule) async throws {
        try await TestStores.with { try await rule.check($0.registry()) }
    }

    @Test(
        "Hosted over files and SQLite, with no cache and a checkpoint after each batch",
        arguments: RegistryRules.rules
    )
    func filesWithoutCache(rule: RegistryRules.Rule) async throws {
        try await TestStores.with {
            try await rule.check($0.registry(.init(checkpointByteCount: 1, cacheByteCount: 0)))
        }
    }

    @Test("Hosted over memory and SQLite", arguments: RegistryRules.rules)
    func memory(rule: RegistryRules.Rule) async throws {
        try await TestStores.with(blobs: { _ in MemoryBlobStore() }) { try await rule.check($0.registry()) }
    }

    @Test("Dictionaries", arguments: RegistryRules.rules)
    func dictionaries(rule: RegistryRules.Rule) async throws {
        try await rule.check(MemoryRegistry())
    }

    @Test("The rules are sharp: each mistake is found by one of them", arguments: DefectiveRegistry.Defect.allCases)
    func sharp(defect: DefectiveRegistry.Defect) async throws {
        var violation: (any Error)?
        for rule in RegistryRules.rules where violation == nil {
            do { try await rule.check(DefectiveRegistry(defect)) } catch { violation = error }
        }
        #expect(violation != nil)
    }
}

import Access
import BlobStorageFiles
import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Wrapping

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

    @Test("Access that is checked for an administrator, over dictionaries", arguments: RegistryRules.rules)
    func checkedDictionaries(rule: RegistryRules.Rule) async throws {
        try await rule.check(Self.checked(MemoryRegistry()))
    }

    @Test(
        "Access that is checked for an administrator, hosted over memory and SQLite",
        arguments: RegistryRules.rules
    )
    func checkedMemory(rule: RegistryRules.Rule) async throws {
        try await TestStores.with(blobs: { _ in MemoryBlobStore() }) {
            try await rule.check(Self.checked($0.registry()))
        }
    }

    @Test("OCI layout folders, one for each repository", arguments: RegistryRules.rules)
    func layouts(rule: RegistryRules.Rule) async throws {
        try await rule.check(LayoutPerRepository())
    }

    @Test("Tags have a history: hosted over files and SQLite", arguments: RegistryRules.tagHistory)
    func historyOfFiles(rule: RegistryRules.Rule) async throws {
        try await TestStores.with { try await rule.check($0.registry()) }
    }

    @Test("Tags have a history: dictionaries, and access that is checked", arguments: RegistryRules.tagHistory)
    func historyOfDictionaries(rule: RegistryRules.Rule) async throws {
        try await rule.check(MemoryRegistry())
        try await rule.check(Self.checked(MemoryRegistry()))
    }

    @Test("OCI layout folders keep no history of tags, and say so")
    func historyOfLayouts() async throws {
        let layouts = try LayoutPerRepository()
        let app = try RepositoryName("team/app")
        try await layouts.push(RegistryRules.index(1), to: app, tags: "1")
        await #expect(throws: RegistryError(.unsupported, "")) {
            _ = try await layouts.tagHistory(of: Tag("1"), in: app, before: nil, limit: 10)
        }
    }

    private static func checked(_ base: any Registry) -> any Registry {
        let administrator = Principal(kind: .user, name: "root", groups: ["staff"])
        let rules = AccessRules(grants: [Grant(.group("staff"), role: "administrator")])
        return AccessChecked(base, for: administrator, under: rules)
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

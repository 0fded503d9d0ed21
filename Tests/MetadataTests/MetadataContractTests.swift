import MetadataSQLite
import RegistryTesting
import Testing

@Suite struct MetadataContractTests {
    @Test(arguments: MetadataContract.rules)
    func `SQLite keeps the contract`(rule: MetadataContract.Rule) async throws {
        let folder = try TemporaryFolder()
        try await rule.check(SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite"))
    }

    @Test(arguments: MetadataContract.rules)
    func `an engine that could fail keeps the contract until it is told to`(rule: MetadataContract.Rule) async throws {
        let folder = try TemporaryFolder()
        let engine = try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite")
        try await rule.check(FailingMetadataEngine(engine))
    }
}

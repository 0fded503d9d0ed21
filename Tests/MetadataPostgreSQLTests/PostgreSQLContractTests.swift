import MetadataPostgreSQL
import RegistryTesting
import Testing

@Suite struct PostgreSQLContractTests {
    @Test(arguments: MetadataContract.rules)
    func `PostgreSQL keeps the contract`(rule: MetadataContract.Rule) async throws {
        let database = try await TestDatabase()
        try await rule.check(database.engine)
    }

    @Test(arguments: MetadataContract.rules)
    func `PostgreSQL keeps the contract on a single connection`(rule: MetadataContract.Rule)
        async throws
    {
        let database = try await TestDatabase(PostgreSQLOptions(connectionCount: 1))
        try await rule.check(database.engine)
    }
}

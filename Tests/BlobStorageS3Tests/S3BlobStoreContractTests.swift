import BlobStorage
import NIOPosix
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite("A blob store in a bucket keeps the contract")
struct S3BlobStoreContractTests {
    /// All but the one that only a disk can keep: what is removed from a bucket is gone for its readers, too.
    private static let rules = BlobStoreContract.rules.filter { rule in
        rule.description != "A blob that was opened before it was removed can be read to its end"
    }

    @Test(arguments: Party.allCases, rules)
    func `every rule but one holds`(party: Party, rule: BlobStoreContract.Rule) async throws {
        try await party.runStores { stores in try await rule.check(stores.store()) }
    }

    @Test func `only the one rule is left out`() {
        #expect(Self.rules.count == BlobStoreContract.rules.count - 1)
    }
}

/// A bucket, and processes that use it.
struct Stores: Sendable {
    let client: S3Client
    let party: Party
    let folder: TemporaryFolder

    /// A process that has just started: it knows nothing but what the bucket holds.
    func store(partByteCount: Int64 = 5 << 20) async throws -> S3BlobStore {
        var findings = S3Findings()
        if party == .rclone { findings.lacking[.conditionalPuts] = "It ignores If-None-Match." }
        return try await S3BlobStore.open(
            client,
            folder: folder.path,
            partByteCount: partByteCount,
            findings: findings,
            threads: .singleton
        )
    }

    /// The names of the objects that begin alike.
    func names(_ prefix: String = "") async throws -> [String] {
        try await client.list(prefix: prefix).objects.map(\.key)
    }
}

extension Party {
    /// Runs `body` with a new bucket.
    func runStores(_ body: (Stores) async throws -> Void) async throws {
        let folder = try TemporaryFolder(inMemory: true)
        try await run { client in try await body(Stores(client: client, party: self, folder: folder)) }
    }
}

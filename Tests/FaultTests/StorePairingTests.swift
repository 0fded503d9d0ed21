import BlobStorage
import Metadata
import OCI
import RegistryTesting
import Testing
import Upkeep

/// A database and a blob store that do not belong together are refused before anything is served or swept.
@Suite struct StorePairingTests {
    private static func pair(_ stores: TestStores, _ blobs: any BlobStore) -> StorePairing {
        StorePairing(facts: stores.facts, blobs: blobs)
    }

    private static func push(_ seed: UInt64, to stores: TestStores) async throws {
        try await stores.registry().push(SampleImage(seed: seed), to: RepositoryName("app"), tags: "1")
    }

    private static func demandRefused(_ words: String, _ body: () async throws -> Void) async {
        let error = await #expect(throws: UnmatchedStores.self) { try await body() }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "no refusal")")
    }

    @Test func `stores that were used together are used again, whatever they hold`() async throws {
        try await TestStores.with { stores in
            for seed: UInt64 in 600..<603 {
                try await Self.pair(stores, stores.blobs).establish()
                try await Self.pair(stores, stores.blobs).check()
                try await Self.push(seed, to: stores)
            }
            let name = try #require(try await stores.blobs.identity())
            #expect(try await stores.facts.read { try $0.blobStoreIdentity() } == name.description)
        }
    }

    @Test(arguments: [TestBlobs.radosgw, .rclone])
    func `of servers that start at once on new stores all take one name`(_ blobs: TestBlobs) async throws {
        try await TestDatabase.$current.withValue(.postgresql) {
            try await TestBlobs.$current.withValue(blobs) {
                try await TestStores.with { stores in
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        for _ in 0..<6 {
                            let server = try await stores.elsewhere()
                            tasks.addTask { try await Self.pair(server, server.blobs).establish() }
                        }
                        try await tasks.waitForAll()
                    }
                    let name = try #require(try await stores.blobs.identity())
                    #expect(try await stores.facts.read { try $0.blobStoreIdentity() } == name.description)
                }
            }
        }
    }

    @Test func `two databases cannot have one blob store, nor two blob stores one database`() async throws {
        try await TestStores.with { first in
            try await Self.pair(first, first.blobs).establish()
            try await TestStores.with { second in
                try await Self.pair(second, second.blobs).establish()
                await Self.demandRefused("is about the blob store") {
                    try await Self.pair(first, second.blobs).establish()
                }
                await Self.demandRefused("is about the blob store") {
                    try await Self.pair(second, first.blobs).check()
                }
            }
        }
    }

    @Test(arguments: [TestBlobs.files, .radosgw])
    func `a second server with blobs of its own is refused before anything was pushed`(
        _ blobs: TestBlobs
    ) async throws {
        try await TestBlobs.$current.withValue(blobs) {
            try await TestStores.with { first in
                try await Self.pair(first, first.blobs).establish()
                try await TestStores.with { second in
                    await Self.demandRefused("this one has no name yet: it is another") {
                        try await Self.pair(first, second.blobs).establish()
                    }
                    #expect(try await second.blobs.identity() == nil, "it may be used with another database")
                    try await Self.pair(second, second.blobs).establish()
                }
                try await Self.pair(first, first.blobs).establish()
            }
        }
    }

    @Test func `of servers that start at once with one database and a folder each, one starts`() async throws {
        try await TestDatabase.$current.withValue(.postgresql) {
            try await TestStores.with { stores in
                let started = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                    for _ in 0..<6 {
                        let server = try await stores.elsewhere()
                        tasks.addTask {
                            do {
                                try await Self.pair(server, MemoryBlobStore()).establish()
                                return true
                            } catch is UnmatchedStores {
                                return false
                            }
                        }
                    }
                    return try await tasks.reduce(into: 0) { if $1 { $0 += 1 } }
                }
                #expect(started == 1)
            }
        }
    }

    @Test func `a second server with the same database and a folder of its own does not start`() async throws {
        let (one, other) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestBlobs.$current.withValue(.files) {
            try await TestDatabase.$current.withValue(.sqlite) {
                let server = try await PostgreSQLServer.shared
                let address = server.address(of: try await server.makeDatabase())
                let environment = ["WHARF_POSTGRESQL_CONNECTION": address]
                let first = try await WharfProcess.serve(one.path, environment: environment)
                var command = WharfProcess.command(
                    ["serve", "--data", other.path, "--listen", "127.0.0.1:0"],
                    environment: environment
                )
                command.timeout = .seconds(20)
                let refused = try await command.run()
                #expect(refused.status == 1)
                #expect(refused.standardError.contains("A data folder serves one server"), "\(refused)")
                #expect(await first.stop() == 0)
            }
        }
    }

    @Test func `an empty database is refused where blobs are, with or without a name`() async throws {
        try await TestStores.with { full in
            try await Self.push(610, to: full)
            try await TestStores.with { empty in
                await Self.demandRefused("the database is empty") {
                    try await Self.pair(empty, full.blobs).establish()
                }
                #expect(try await full.blobs.identity() == nil)
                #expect(try await empty.facts.read { try $0.blobStoreIdentity() } == nil)
                try await Self.pair(full, full.blobs).establish()
                await Self.demandRefused("the database is empty") {
                    try await Self.pair(empty, full.blobs).establish()
                }
            }
        }
    }

    @Test func `an empty blob store is refused where the database names blobs`() async throws {
        try await TestStores.with { full in
            try await Self.push(620, to: full)
            await Self.demandRefused("None of the blobs") {
                try await Self.pair(full, MemoryBlobStore()).establish()
            }
            try await Self.pair(full, full.blobs).establish()
            await Self.demandRefused("None of the blobs") {
                try await Self.pair(full, MemoryBlobStore()).establish()
            }
        }
    }

    @Test func `a name that was lost on one side is found again by what the other holds`() async throws {
        try await TestStores.with { stores in
            try await Self.push(630, to: stores)
            let name = BlobKey.random()
            try await stores.blobs.identify(as: name)
            try await Self.pair(stores, stores.blobs).establish()
            #expect(try await stores.facts.read { try $0.blobStoreIdentity() } == name.description)
        }
    }
}

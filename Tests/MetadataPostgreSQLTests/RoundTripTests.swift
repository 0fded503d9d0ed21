import Dispatch
import Metadata
import MetadataPostgreSQL
import OCI
import RegistryTesting
import Testing

@Suite struct RoundTripTests {
    private let app: RepositoryName

    init() throws {
        app = try RepositoryName("team/app")
    }

    /// What one connection asks for something that it has done before.
    private func counts(
        _ database: TestDatabase,
        _ body: () async throws -> Void
    ) async throws -> PostgreSQLCounts {
        let before = database.engine.counts
        try await body()
        return database.engine.counts - before
    }

    @Test func `a pull asks one thing, once`() async throws {
        let database = try await TestDatabase(PostgreSQLOptions(connectionCount: 1))
        let (facts, tag) = (try await database.facts, try Tag("latest"))
        try await facts.write { [app] facts in
            try facts.store([1, 2], in: app)
            try facts.push(3, layers: [1, 2], to: app, tag: "latest")
        }
        let pull = { [app] in
            let found = try await facts.read { try $0.content(tagged: tag, in: app) }
            #expect(found?.digest == TestDatabase.digest(3))
        }
        try await pull()
        let counts = try await counts(database, pull)
        #expect(counts.statements == 1)
        #expect(counts.roundTrips == 1)
    }

    @Test func `a read that asks more than one thing is soon begun as a transaction`() async throws {
        let database = try await TestDatabase(PostgreSQLOptions(connectionCount: 1))
        let facts = try await database.facts
        let ask = { [app] in
            let found = try await facts.read { facts in
                [try facts.repository(app) == nil, try facts.usage().blobCount == 0]
            }
            #expect(found == [true, true])
        }
        try await ask()
        for _ in 0..<8 {
            // What is asked first is asked once more in the transaction, until the reads are known to ask more.
            #expect(try await counts(database, ask).roundTrips <= 3)
        }
        #expect(try await counts(database, ask).statements <= 4)
    }

    /// What a read finds when another stores a blob between what it asks first, whether the repository is there, and
    /// what it asks next.
    private func read(
        _ database: TestDatabase,
        _ next: @escaping @Sendable (Facts) throws -> Bool
    ) async throws -> [Bool] {
        let (facts, other) = (try await database.facts, FactStore(engine: try database.engine()))
        let (asked, changed) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let found = facts.read { [app] facts in
            let isThere = try facts.repository(app) != nil
            asked.signal()
            _ = changed.wait(timeout: .now() + 20)
            return [isThere, try next(facts)]
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                asked.wait()
                continuation.resume()
            }
        }
        try await other.write { [app] in try $0.store([1], in: app) }
        // The read may run twice.
        changed.signal()
        changed.signal()
        return try await found
    }

    @Test func `a read sees one moment though what it asks first changes before it asks the next`()
        async throws
    {
        let database = try await TestDatabase()
        #expect(try await read(database) { try $0.usage().blobCount == 1 } == [true, true])
    }

    @Test func `a read that swallows what it is thrown is right nevertheless`() async throws {
        let database = try await TestDatabase()
        #expect(try await read(database) { (try? $0.usage().blobCount) == 1 } == [true, true])
    }

    @Test(arguments: [1, 20, 700])
    func `a push of a manifest takes six round trips at most`(layerCount: Int) async throws {
        let database = try await TestDatabase(PostgreSQLOptions(connectionCount: 1))
        let (facts, layers) = (try await database.facts, Array(1...layerCount))
        try await facts.write { [app] in try $0.store(layers, in: app) }
        var trips: [Int] = []
        for number in 1001...1004 {
            // The second is the first again; every second one moves the tag.
            let image = number == 1002 ? 1001 : number
            let counts = try await counts(database) {
                try await facts.write { [app] facts in
                    try facts.push(image, layers: layers, to: app, tag: "latest")
                }
            }
            trips.append(counts.roundTrips)
        }
        // The first has statements to prepare; 700 layers are asked about in two batches.
        let most = layerCount > 512 ? 8 : 6
        #expect(trips.dropFirst().allSatisfy { $0 <= most }, "\(trips)")
        let found = try await facts.read { [app] facts in
            try facts.content(tagged: Tag("latest"), in: app)
        }
        #expect(found?.digest == TestDatabase.digest(1004))
    }

    @Test func `what was posted and fails undoes the write, whatever came after it`() async throws {
        let database = try await TestDatabase()
        let facts = try await database.facts
        let error = try await metadataError {
            try await facts.write { [app] facts in
                try facts.insertUpload(TestDatabase.upload(1))
                let repository = try facts.ensureRepository(app, at: TestDatabase.now)
                try facts.link(TestDatabase.digest(1), in: repository, at: TestDatabase.now)
            }
        }
        #expect(error?.code == .constraint)
        let swallowed = try await metadataError {
            try await facts.write { [app] facts in
                let repository = try facts.ensureRepository(app, at: TestDatabase.now)
                try facts.link(TestDatabase.digest(1), in: repository, at: TestDatabase.now)
                _ = try? facts.usage()
            }
        }
        #expect(swallowed?.code == .constraint)
        let (uploads, repository) = try await facts.read { [app] facts in
            (try facts.uploads(after: nil, limit: 9), try facts.repository(app))
        }
        #expect(uploads == [])
        #expect(repository == nil)
    }
}

import MetadataPostgreSQL
import OCI
import RegistryTesting
import Synchronization

@testable import Metadata

/// An empty database of its own, and an engine on it.
struct TestDatabase {
    let server: PostgreSQLServer
    let name: String
    let engine: PostgreSQLEngine

    static let now = Timestamp(microseconds: 1_700_000_000_000_000)

    init(_ options: PostgreSQLOptions = PostgreSQLOptions(connectionCount: 8), on server: PostgreSQLServer? = nil)
        async throws
    {
        let running: PostgreSQLServer
        if let server { running = server } else { running = try await PostgreSQLServer.shared }
        self.server = running
        name = try await running.makeDatabase()
        engine = PostgreSQLEngine(try ConnectionSettings(running.address(of: name)), options)
    }

    /// Another engine on the same database as another one's.
    init(sharing other: TestDatabase) throws {
        (server, name) = (other.server, other.name)
        engine = try other.engine()
    }

    /// What the server's session of the engine goes by.
    func setting(_ name: String) async throws -> String? {
        try await engine.setting(name)
    }

    /// The facts over the engine, brought up.
    var facts: FactStore {
        get async throws {
            let facts = FactStore(engine: engine)
            try await facts.migrate()
            return facts
        }
    }

    /// Another engine on the same database.
    func engine(_ options: PostgreSQLOptions = PostgreSQLOptions(connectionCount: 8), words: String = "") throws
        -> PostgreSQLEngine
    {
        PostgreSQLEngine(try ConnectionSettings("\(server.address(of: name)) \(words)"), options)
    }

    /// Cuts every connection to the database.
    func cutConnections() async throws {
        try await server.ask(
            "SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '\(name)'"
        )
    }

    static func digest(_ number: Int) -> Digest {
        let tail = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        return Digest(algorithm: .sha256, hash: tail + [UInt8](repeating: 0xAB, count: 28))
    }

    static func upload(_ number: Int) throws -> UploadFact {
        UploadFact(
            id: "upload-\(100_000 + number)",
            repository: try RepositoryName("team/app"),
            key: "key-\(number)",
            byteCount: 0,
            hashState: [1, 2, 3],
            algorithm: .sha256,
            startedAt: now,
            touchedAt: now,
            startedBy: "someone"
        )
    }
}

/// What tasks at work side by side have seen.
final class Tally<Element: Hashable & Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    private let over = Atomic(false)

    var all: [Element] { elements.withLock { $0 } }
    /// Whether the tasks are to end.
    var isOver: Bool { over.load(ordering: .relaxed) }

    func note(_ element: Element) {
        elements.withLock { $0.append(element) }
    }

    func end() {
        over.store(true, ordering: .relaxed)
    }
}

extension Facts {
    /// What the server does for the push of an image of some layers: all are there, and the manifest is new.
    func push(_ number: Int, layers: [Int], to name: RepositoryName, tag: String) throws {
        let repository = try ensureRepository(name, at: TestDatabase.now)
        let digests = layers.map(TestDatabase.digest)
        let missing = try missingLinks(of: digests, in: repository)
        guard missing.isEmpty else {
            throw MetadataError(.conditionFailed, "\(missing.count) layers are missing")
        }
        let bytes = Array("{\"number\":\(number)}".utf8)
        let fact = ManifestFact(
            digest: TestDatabase.digest(number),
            mediaType: .imageManifest,
            artifactType: nil,
            subject: nil,
            byteCount: Int64(bytes.count),
            pushedAt: TestDatabase.now,
            pushedBy: "someone"
        )
        let edges = digests.map { Edge(child: $0, kind: .layer) }
        try insertManifest(fact, bytes: bytes, edges: edges, in: repository)
        try moveTag(try Tag(tag), to: fact.digest, in: repository, at: TestDatabase.now, by: "someone")
    }

    /// Stores blobs and lets a repository read them.
    func store(_ numbers: [Int], in name: RepositoryName) throws {
        let repository = try ensureRepository(name, at: TestDatabase.now)
        for number in numbers {
            let digest = TestDatabase.digest(number)
            let blob = BlobFact(
                digest: digest,
                byteCount: 100,
                key: "key-\(number)",
                storedAt: TestDatabase.now
            )
            let answers = try connection.rows(of: Self.questions(placing: blob)).map { $0.first.map(Row.init) }
            _ = try place(blob, answers[0], answers[1], .whole)
            try link(digest, in: repository, at: TestDatabase.now)
        }
    }
}

/// The error that `body` throws, if it is one of the facts.
func metadataError(_ body: () async throws -> Void) async throws -> MetadataError? {
    do {
        try await body()
        return nil
    } catch let error as MetadataError {
        return error
    }
}

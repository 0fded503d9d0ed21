import MetadataSQLite
import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// The facts in a database of its own, with one repository.
struct Fixture {
    let folder: TemporaryFolder
    let engine: any MetadataEngine
    let facts: FactStore
    let name: RepositoryName
    let repository: RepositoryID

    static let now = Timestamp(microseconds: 1_700_000_000_000_000)
    static let later = now + .seconds(60)

    init() async throws {
        let (folder, name) = (try TemporaryFolder(), try RepositoryName("team/app"))
        engine = try await TestDatabase.current.open(in: folder)
        let facts = FactStore(engine: engine)
        try await facts.migrate()
        repository = try await facts.write { try $0.ensureRepository(name, at: Self.now) }
        (self.folder, self.facts, self.name) = (folder, facts, name)
    }

    /// The engine, of a test that is about SQLite.
    var sqlite: SQLiteEngine {
        get throws { try #require(engine as? SQLiteEngine) }
    }

    /// A digest that is the same for the same number, and sorts as the numbers do.
    static func digest(_ number: Int, _ algorithm: Digest.Algorithm = .sha256) -> Digest {
        let tail = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        return Digest(algorithm: algorithm, hash: tail + [UInt8](repeating: 0xAB, count: algorithm.byteCount - 4))
    }

    static func blob(_ number: Int, byteCount: Int64 = 100, key: String? = nil) -> BlobFact {
        BlobFact(digest: digest(number), byteCount: byteCount, key: key ?? "key-\(number)", storedAt: now)
    }

    static func upload(_ id: String, in name: RepositoryName) -> UploadFact {
        UploadFact(
            id: id,
            repository: name,
            key: "key",
            byteCount: 0,
            hashState: [],
            algorithm: .sha256,
            startedAt: now,
            touchedAt: now,
            startedBy: "someone"
        )
    }

    static func bytes(_ number: Int) -> [UInt8] {
        Array("{\"number\":\(number)}".utf8)
    }

    static func manifest(
        _ number: Int,
        mediaType: MediaType = .imageManifest,
        artifactType: String? = nil,
        subject: Digest? = nil,
        at moment: Timestamp = now
    ) -> ManifestFact {
        ManifestFact(
            digest: digest(number),
            mediaType: mediaType,
            artifactType: artifactType,
            subject: subject,
            byteCount: Int64(bytes(number).count),
            pushedAt: moment,
            pushedBy: "someone"
        )
    }

    /// Pushes manifests without edges.
    func push(_ numbers: Int...) async throws {
        try await facts.write { facts in
            for number in numbers {
                try facts.insertManifest(
                    Self.manifest(number),
                    bytes: Self.bytes(number),
                    edges: [],
                    in: repository
                )
            }
        }
    }

    /// Points a tag to a manifest.
    @discardableResult
    func move(_ tag: String, to number: Int, expecting: TagExpectation = .anything) async throws -> Digest? {
        let tag = try Tag(tag)
        return try await facts.write {
            try $0.moveTag(
                tag,
                to: Self.digest(number),
                in: repository,
                at: Self.now,
                by: "someone",
                expecting: expecting
            )
        }
    }
}

extension Facts {
    /// A manifest of a repository.
    func manifest(_ digest: Digest, in repository: RepositoryName) throws -> StoredManifest? {
        try manifests([digest], in: repository).first
    }

    /// Records a blob as the end of an upload does.
    @discardableResult
    func store(_ blob: BlobFact, standing: StandingBytes = .whole) throws -> BlobPlacement {
        let answers = try connection.rows(of: Self.questions(placing: blob)).map { $0.first.map(Row.init) }
        return try place(blob, answers[0], answers[1], standing)
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

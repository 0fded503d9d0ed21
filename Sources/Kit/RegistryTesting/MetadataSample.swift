import Metadata
import OCI

/// What the rules of the metadata contract put into an engine.
enum MetadataSample {
    /// The shape of ``FactStore/read(_:)`` and ``FactStore/write(_:)``, for looking up a repository.
    typealias Attempt =
        @Sendable (@escaping @Sendable (Facts) throws -> RepositoryID?) async throws -> RepositoryID?

    /// What a closure throws of its own.
    struct Refusal: Error {
        let number: Int
    }

    static let now = Timestamp(microseconds: 1_700_000_000_000_000)

    static var name: RepositoryName {
        get throws { try RepositoryName("team/app") }
    }

    /// The facts over an engine, brought up.
    static func facts(_ engine: any MetadataEngine) async throws -> FactStore {
        let facts = FactStore(engine: engine)
        try await facts.migrate()
        return facts
    }

    static func digest(_ number: UInt8) -> Digest {
        Digest(algorithm: .sha256, hash: [UInt8](repeating: number, count: 32))
    }

    static func upload(_ number: Int, byteCount: Int64 = 1000) throws -> UploadFact {
        UploadFact(
            id: "upload-\(1000 + number)",
            repository: try name,
            key: "key-\(number)",
            byteCount: byteCount,
            hashState: [1, 2, 3],
            algorithm: .sha256,
            startedAt: now,
            touchedAt: now + .seconds(number),
            startedBy: "someone"
        )
    }
}

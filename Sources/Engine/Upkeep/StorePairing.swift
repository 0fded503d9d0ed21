import BlobStorage
import Metadata

/// Makes sure that the facts and the bytes of an installation belong together, before anything is served or removed.
///
/// With others' facts every blob would be garbage; with others' bytes every blob would be missing. Both stores
/// therefore keep the same name, which they are given when they are first used together.
public struct StorePairing: Sendable {
    /// How many of the blobs that the facts name are looked for.
    private static let sampleCount = 16

    private let facts: FactStore
    private let blobs: any BlobStore

    /// Looks at the stores of one installation.
    public init(facts: FactStore, blobs: any BlobStore) {
        self.facts = facts
        self.blobs = blobs
    }

    /// Refuses stores that do not belong together, and gives those a name that are used together for the first time.
    ///
    /// Refuses as well what ``StorageMigration`` has not brought to its end. Throws ``UnmatchedStores``.
    public func establish() async throws {
        try await demandWhole()
        try await pair()
    }

    /// As ``establish()``, for stores that an installation is being moved to.
    func pair() async throws {
        let (known, actual) = (try await knownName(), try await blobs.identity())
        if let known, let actual { return try demandEqual(known, actual) }
        try await demandEvidence(known, actual)
        var given = actual
        // The blobs first: facts that have a name while the blobs have none are then facts about other blobs.
        if known == nil, actual == nil, blobs.isNamedOnce { given = try await blobs.identify(as: .random()) }
        let name = given ?? known ?? BlobKey.random()
        // Of several processes that start at once, the first gives the name, and the others take it.
        let held = try Self.name(try await facts.write { try $0.setBlobStoreIdentity(name.description) })
        if let given { return try demandEqual(held, given) }
        try demandEqual(held, try await blobs.identify(as: held))
    }

    /// Refuses stores that are known to belong to others, or are not whole, and changes nothing.
    ///
    /// Throws ``UnmatchedStores``.
    public func check() async throws {
        try await demandWhole()
        guard let known = try await knownName(), let actual = try await blobs.identity() else { return }
        try demandEqual(known, actual)
    }

    private func demandWhole() async throws {
        guard try await facts.read({ try $0.migrationSource() }) != nil else { return }
        throw UnmatchedStores(
            description: "The database holds a part of an installation that `wharf storage migrate` was moving here, "
                + "and that did not come to its end. Run the same command again, which goes on where it stopped; or, "
                + "to begin anew, empty this database and its blobs. The old installation is as it was."
        )
    }

    private func knownName() async throws -> BlobKey? {
        try await facts.read { try $0.blobStoreIdentity() }.map(Self.name)
    }

    private static func name(_ text: String) throws -> BlobKey {
        guard let name = BlobKey(text) else {
            throw MetadataError(.corrupt, "the name of the blob store is \(text), which is none")
        }
        return name
    }

    private func demandEqual(_ known: BlobKey, _ actual: BlobKey) throws {
        guard known == actual else {
            throw UnmatchedStores(
                description: "The database is about the blob store \(known), and this one is \(actual). Give the "
                    + "database and the blobs that belong together; servers that share a database share a bucket, too."
            )
        }
    }

    /// One of the stores has no name yet: refuses when what they hold tells that they are strangers.
    private func demandEvidence(_ known: BlobKey?, _ actual: BlobKey?) async throws {
        let named = try await facts.read { try $0.blobs(after: nil, limit: Self.sampleCount) }
        if named.isEmpty {
            if let known, actual == nil, blobs.isNamedOnce { throw Self.nameless(known) }
            guard try await areFactsEmpty(), try await holdsBlobs() else { return }
            throw UnmatchedStores(
                description: "The blob store holds blobs, and the database is empty: it may be another one, or it was "
                    + "lost. Give the database that belongs to these blobs, or restore it; to begin anew, move the "
                    + "blobs away."
            )
        }
        for fact in named {
            guard let key = BlobKey(fact.key) else { continue }
            do {
                _ = try await blobs.open(key, digest: fact.digest)
                return
            } catch let error as BlobStoreError where error.code == .notFound {
                continue
            }
        }
        throw UnmatchedStores(
            description: "None of the blobs that the database names is in the blob store: it may be another one, or "
                + "it was emptied. Give the blobs that belong to this database, or restore them."
        )
    }

    /// What a server is told that has the database of another, and blobs of its own.
    private static func nameless(_ known: BlobKey) -> UnmatchedStores {
        UnmatchedStores(
            description: "The database is about the blob store \(known), and this one has no name yet: it is another "
                + "one. A data folder serves one server; several that share a database share a bucket (s3.bucket). "
                + "If it is the same one and has lost its name, write \(known) and a newline into the file or object "
                + "identity beside its blobs."
        )
    }

    private func areFactsEmpty() async throws -> Bool {
        try await facts.read { facts in
            try facts.repositories(after: nil, limit: 1).isEmpty && facts.uploads(after: nil, limit: 1).isEmpty
        }
    }

    private func holdsBlobs() async throws -> Bool {
        var token: String?
        repeat {
            let page = try await blobs.list(after: token, limit: 1000)
            if page.entries.contains(where: { $0.digest != nil }) { return true }
            token = page.next
        } while token != nil
        return false
    }
}

/// Why facts and bytes do not belong together, as a sentence for an operator.
public struct UnmatchedStores: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String
}

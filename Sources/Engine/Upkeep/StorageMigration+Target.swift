public import BlobStorage
public import Metadata

extension StorageMigration {
    /// What is there of a new installation: no database, or no blob store, may be there yet.
    public struct Place: Sendable {
        /// Its facts; nil where there are no tables.
        public var facts: FactStore?
        /// Its bytes; nil where there is no folder.
        public var blobs: (any BlobStore)?

        /// States what is there.
        public init(facts: FactStore?, blobs: (any BlobStore)?) {
            (self.facts, self.blobs) = (facts, blobs)
        }
    }

    /// Says what would be moved, and what has come before, and changes nothing.
    ///
    /// - Parameters:
    ///   - source: The old installation.
    ///   - place: What is there of the new one.
    /// - Returns: What would be moved.
    /// - Throws: ``StorageMigrationError``, where a migration would be refused.
    public static func preview(from source: Stores, to place: Place) async throws -> Report {
        let name = try await readiness(of: source)
        if let facts = place.facts { try await facts.requireOwnSchema() }
        let isRest = try await isRest(of: name, in: place)
        var report = try await plan(source)
        report.isResumed = isRest
        if isRest, let facts = place.facts {
            report.blobCountBefore = try await facts.read { try $0.usage().blobCount }
        }
        return report
    }

    /// Marks the new stores as those that the old ones are moved to; whether they were marked already.
    func claimTarget(for name: String) async throws -> Bool {
        try await target.facts.requireOwnSchema()
        let isRest = try await Self.isRest(of: name, in: Place(facts: target.facts, blobs: target.blobs))
        if !isRest {
            let held = try await target.facts.write { try $0.beginMigration(from: name) }
            guard held == name else {
                throw StorageMigrationError(.otherSource, "Another migration to the new installation has just begun.")
            }
        }
        try await StorePairing(facts: target.facts, blobs: target.blobs).pair()
        return isRest
    }

    /// Whether the new stores hold the rest of a migration from the old ones, and not nothing.
    private static func isRest(of name: String, in place: Place) async throws -> Bool {
        let (known, mark) =
            try await place.facts?.read { (try $0.blobStoreIdentity(), try $0.migrationSource()) } ?? (nil, nil)
        let identity = try await place.blobs?.identity()?.description
        guard known != name, identity != name else {
            throw StorageMigrationError(
                .same,
                "Both configurations name the same \(known == name ? "database" : "blobs"). The old installation stays "
                    + "as it is, so the new one needs a data folder, a database and a bucket of its own."
            )
        }
        guard mark == nil || mark == name else {
            throw StorageMigrationError(
                .otherSource,
                "The new installation holds a part of another one than the old, from a migration that was broken off. "
                    + "Give the old one that it was begun with, or empty the new database and its blobs."
            )
        }
        if mark == nil { try await demandEmpty(place) }
        return mark != nil
    }

    private static func demandEmpty(_ place: Place) async throws {
        for table in FactTable.all where !table.key.isEmpty {
            let rows = try await place.facts?.read { try $0.rows(of: table, limit: 10) } ?? []
            guard rows.contains(where: { !table.isOwn($0) }) else { continue }
            throw StorageMigrationError(
                .notEmpty,
                "The new database is not empty: its table \(table.name) has rows. Give an empty one; one with which a "
                    + "server has been started is not empty any more."
            )
        }
        guard let blobs = place.blobs else { return }
        var token: String?
        repeat {
            let page = try await blobs.list(after: token, limit: 100)
            guard page.entries.isEmpty else {
                throw StorageMigrationError(
                    .notEmpty,
                    "The new blob store is not empty: it holds \(page.entries[0].key), among others. Give an empty "
                        + "folder, or an empty bucket or prefix."
                )
            }
            token = page.next
        } while token != nil
    }
}

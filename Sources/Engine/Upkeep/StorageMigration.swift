public import BlobStorage
public import Metadata

/// Moves an installation into other stores: the bytes first, then the facts about them, each as it is.
///
/// - Nothing is written to the old installation, and nobody else may write to either meanwhile: the caller sees to it.
/// - It may be broken off at any point, and run again: a row of the new table `blob` is written once the bytes are
///   durable under the same key, so that the table tells what has come. Of all other tables the pages that are there
///   are compared; where the old installation has changed since, these tables are written anew.
/// - Until the end the new facts carry a mark, with which no server starts: ``StorePairing``.
/// - The new stores get a name of their own. Uploads in progress are left behind.
public struct StorageMigration: Sendable {
    /// The stores of one installation.
    public struct Stores: Sendable {
        /// What is known.
        public var facts: FactStore
        /// The bytes.
        public var blobs: any BlobStore

        /// Names the stores of an installation.
        public init(facts: FactStore, blobs: any BlobStore) {
            (self.facts, self.blobs) = (facts, blobs)
        }
    }

    /// What was moved, or would be.
    public struct Report: Sendable, Hashable {
        /// A table, and what was found on both sides of it.
        public struct Table: Sendable, Hashable {
            /// Its name.
            public var name: String
            /// How many rows it has.
            public var rowCount: Int
        }

        /// Whether an earlier run had been broken off.
        public var isResumed = false
        /// How many blobs there are.
        public var blobCount: Int64 = 0
        /// How many bytes these have.
        public var byteCount: Int64 = 0
        /// How many blobs had come with an earlier run.
        public var blobCountBefore: Int64 = 0
        /// How many blobs are left behind, since they are damaged or missing in the old installation.
        public var blobCountLeft = 0
        /// How many uploads in progress are left behind.
        public var uploadCount = 0
        /// The tables, compared row by row.
        public var tables: [Table] = []

        /// How many rows all tables have.
        public var rowCount: Int { tables.reduce(0) { $0 + $1.rowCount } }
    }

    /// How many rows are read at once, and how many of those with bytes in them.
    static let pageCounts = (plain: 4000, withBytes: 100)
    /// How many blobs are moved at once, unless it is said.
    public static let parallelUsual = 6

    let source: Stores
    let target: Stores
    let parallel: Int
    let leavesDamaged: Bool
    let observer: any StorageMigrationObserver

    /// Moves from one installation to another.
    ///
    /// - Parameters:
    ///   - source: The old one, of which is only read.
    ///   - target: The new one, whose tables have been made.
    ///   - parallel: How many blobs move at once.
    ///   - leavesDamaged: Whether blobs that are damaged or missing are left behind: what is known of them is moved, as
    ///     of others, and a push of their bytes to the new installation mends them as it would have in the old one.
    ///   - observer: Is told how it goes on.
    public init(
        from source: Stores,
        to target: Stores,
        parallel: Int = parallelUsual,
        leavesDamaged: Bool = false,
        observer: any StorageMigrationObserver
    ) {
        (self.source, self.target, self.observer) = (source, target, observer)
        self.parallel = max(parallel, 1)
        self.leavesDamaged = leavesDamaged
    }

    /// Moves all that has not come yet, compares both sides, and ends with a new installation that can be served.
    ///
    /// - Parameter check: Looks at the new facts before they are said to be whole; throws to end without that.
    /// - Returns: What was moved.
    /// - Throws: ``StorageMigrationError``; else what a store ran into.
    public func run(checking check: (FactStore) async throws -> Void = { _ in }) async throws -> Report {
        let name = try await Self.readiness(of: source)
        let isResumed = try await claimTarget(for: name)
        var report = try await Self.plan(source)
        report.isResumed = isResumed
        observer.began(.blobs(count: report.blobCount, byteCount: report.byteCount))
        let moved = try await moveBlobs(isResumed: isResumed)
        report.blobCountBefore = moved.countBefore
        observer.began(.facts)
        try await moveFacts()
        observer.began(.comparison)
        report.tables = try await compareTables()
        report.blobCountLeft = try await openBlobs(but: moved.left, isResumed: isResumed) + moved.leftCount
        try await check(target.facts)
        try await StorePairing(facts: target.facts, blobs: target.blobs).pair()
        try await target.facts.write { try $0.endMigration() }
        return report
    }

    static func plan(_ source: Stores) async throws -> Report {
        let usage = try await source.facts.read { try $0.usage() }
        var report = Report()
        (report.blobCount, report.byteCount) = (usage.blobCount, usage.byteCount)
        var last: String?
        while true {
            let after = last
            let page = try await source.facts.read { try $0.uploads(after: after, limit: 1000) }
            report.uploadCount += page.count
            guard let id = page.last?.id else { return report }
            last = id
        }
    }

    /// The name of the old stores, once they are known to be whole.
    static func readiness(of source: Stores) async throws -> String {
        try await source.facts.requireOwnSchema()
        let (name, mark) = try await source.facts.read { (try $0.blobStoreIdentity(), try $0.migrationSource()) }
        guard mark == nil else {
            throw StorageMigrationError(
                .notReady,
                "The old installation is itself the rest of a migration that has not ended: end that one first."
            )
        }
        guard let name, try await source.blobs.identity()?.description == name else {
            throw StorageMigrationError(
                .notReady,
                "The old database and its blobs carry no common name yet. Start the old server once with this version, "
                    + "which gives them one, and stop it again."
            )
        }
        return name
    }
}

/// Is told how a migration goes on, from any thread.
public protocol StorageMigrationObserver: Sendable {
    /// Something else is done from now on.
    func began(_ stage: StorageMigrationStage)
    /// Bytes of a blob have been written.
    func moved(byteCount: Int64)
    /// A blob is where it should be; `wasThere` when an earlier run had brought it.
    func finished(byteCount: Int64, wasThere: Bool)
    /// Rows have been written, or compared.
    func moved(rowCount: Int)
    /// A blob of the old installation cannot be moved, for the reason that the sentence says.
    func found(_ damage: String)
}

/// What a migration is at.
public enum StorageMigrationStage: Sendable, Hashable {
    /// Moving so many blobs.
    case blobs(count: Int64, byteCount: Int64)
    /// Moving the facts.
    case facts
    /// Comparing both sides.
    case comparison
}

extension FactTable {
    /// Whether the uploads in progress are in it, which are left behind.
    var isOfUploads: Bool { name == "upload" }
    /// Whether the blobs are in it, whose rows come with their bytes.
    var isOfBlobs: Bool { name == "blob" }
    /// Whether what is there once is in it, of which each installation has some for itself.
    var isOfInstallation: Bool { name == "installation" }

    /// How many of its rows are read at once.
    var pageCount: Int {
        columns.contains(where: \.isBytes) ? StorageMigration.pageCounts.withBytes : StorageMigration.pageCounts.plain
    }

    /// Whether a row is about the stores of its installation, and belongs to no other.
    func isOwn(_ row: [SQLValue]) -> Bool {
        guard isOfInstallation, let place = place(of: "name"), case .text(let name) = row[place] else { return false }
        return Facts.ownNames.contains(name)
    }
}

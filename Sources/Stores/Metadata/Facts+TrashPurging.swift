public import OCI

/// How what is in the trash goes for good: steps that are each one transaction of bounded size.
extension Facts {
    /// How many rows of a repository go in a step at most.
    private static let rowCountMax = 500
    /// How many manifests, links or entries go in a step at most: each is several rows.
    private static let groupCountMax = 20

    /// Purges some of what is due, and says how many entries and rows went; 0 when nothing is due.
    public func purgeDueTrash() throws -> (entries: Int, rows: Int) {
        var gone = (entries: 0, rows: 0)
        for row in try rows(Statements.dueTrash, .count(Self.groupCountMax)) where gone.rows < Self.groupCountMax {
            let id = try row.integer(0)
            let kind = try row.value(1, TrashFact.Kind.init(rawValue:))
            guard kind == .repository || kind == .project else {
                let room = Self.groupCountMax - gone.rows
                let (isOver, count) = try purgeStep(of: id, in: try row.repository(2), limit: room)
                gone = (gone.entries + (isOver ? 1 : 0), gone.rows + 1 + count)
                continue
            }
            // One step of these is enough for a transaction; from the first on it does not come back.
            guard gone.rows == 0 else { break }
            try post(Statements.beginPurge, .integer(id))
            let repository = try row.repository(2)
            let (isOver, count) =
                kind == .project
                ? try purgeStep(ofProject: id, in: repository) : try purgeStep(of: repository, entry: id)
            return (isOver ? 1 : 0, count)
        }
        return gone
    }

    /// Whether anything is due now.
    public func hasDueTrash() throws -> Bool {
        try row(Statements.dueTrash, .count(1)) != nil
    }

    /// Lets an entry never come back: it is gone, or, where it is a repository, a project, or has many referrers, it
    /// goes from now on, step by step, as its referrers do.
    ///
    /// False where there is no such entry.
    public func purgeTrash(_ id: Int64) throws -> Bool {
        guard let entry = try trashEntry(id) else { return false }
        guard entry.kind == .repository || entry.kind == .project else {
            _ = try purgeStep(of: id, in: entry.repository, limit: Self.groupCountMax)
            return true
        }
        try post(Statements.beginPurge, .integer(id))
        return true
    }

    /// Removes the entry of a tag or of a manifest, once those referrers are gone that nothing else holds; whether that
    /// is over, and how many referrers went now.
    private func purgeStep(
        of id: Int64,
        in repository: RepositoryID,
        limit: Int
    ) throws -> (isOver: Bool, count: Int) {
        let count = try purgeReferrers(of: id, in: repository, limit: limit)
        guard count < limit else {
            // From the first of them on it would not come back whole.
            try post(Statements.beginPurge, .integer(id))
            return (false, count)
        }
        try purge(id, repository)
        return (true, count)
    }

    /// Removes the entry of a tag or of a manifest; what that named may be needed by nothing any more.
    private func purge(_ id: Int64, _ repository: RepositoryID) throws {
        let digest = try row(Statements.trashEntry, .integer(id))?.optionalDigest(5)
        try post(Statements.markTrashChildrenIdle, .id(repository), .integer(id))
        try forgetTrash(id)
        if let digest { try post(Statements.deleteContent, .digest(digest)) }
    }

    /// Removes some of a repository, each kind of row after those that refer to it; whether all of it is gone.
    func purgeStep(of repository: RepositoryID, entry: Int64) throws -> (isOver: Bool, count: Int) {
        let within = try rows(Statements.trashWithin, .id(repository), .count(Self.groupCountMax))
        for row in within { try purge(try row.integer(0), repository) }
        if !within.isEmpty { return (false, within.count) }
        let tags = try rows(Statements.deleteTagsOf, .id(repository), .count(Self.rowCountMax))
        for row in tags { try countTag(try row.tag(0), -1, in: repository) }
        if !tags.isEmpty { return (false, tags.count) }
        for statement in [Statements.deleteEdgesOf, Statements.deleteTagEventsOf, Statements.deleteTagGuardsOf] {
            let count = try run(statement, .id(repository), .count(Self.rowCountMax))
            if count > 0 { return (false, count) }
        }
        let manifests = try rows(Statements.manifestsOf, .id(repository), .count(Self.rowCountMax))
        for row in manifests {
            let digest = try row.digest(0)
            try countManifestGone(digest, in: repository)
            try post(Statements.deleteManifest, .id(repository), .digest(digest))
            try post(Statements.deleteContent, .digest(digest))
        }
        if !manifests.isEmpty { return (false, manifests.count) }
        let links = try rows(Statements.linksOf, .id(repository), .count(Self.rowCountMax))
        for row in links {
            let digest = try row.digest(0)
            try countUnlink(digest, in: repository)
            try post(Statements.unlink, .id(repository), .digest(digest))
            try doom(digest)
        }
        if !links.isEmpty { return (false, links.count) }
        try forgetTrash(entry)
        try countRepositoryGone(repository)
        try post(Statements.deleteRepository, .id(repository))
        return (true, 1)
    }
}

// MARK: - What would go

extension Facts {
    /// How many manifests are looked at, and how many blobs, before the question is refused.
    public static let outlookCountsMax = (manifests: 1000, blobs: 20_000)
    /// Of how many blobs is asked in one round trip.
    private static let askedCount = 50

    /// What would be free once a repository, or some manifests of it with the referrers that go with them, were deleted
    /// and purged; nil where that are too many to look at now.
    ///
    /// Exact at this moment: a blob counts that no other manifest of the repository needs, live or in the trash, and no
    /// other repository holds. Of a whole repository all goes that it holds, its part of the trash included.
    public func outlook(onDeleting digests: [Digest]?, in repository: RepositoryID) throws -> DeletionOutlook? {
        guard let digests else { return try outlook(onDeleting: repository) }
        guard digests.count <= Self.outlookCountsMax.manifests else { return nil }
        guard let doomed = try withReferrers(digests, in: repository) else { return nil }
        var (outlook, children) = (DeletionOutlook(), Set<Digest>())
        for digest in doomed {
            guard let size = try row(Statements.contentSize, .digest(digest)) else { continue }
            guard try row(Statements.manifestMediaType, .id(repository), .digest(digest)) != nil else { continue }
            outlook.manifestCount += 1
            // No repository has the number 0: one that is in the trash here as well needs its bytes, too.
            if try isFree(digest, besides: repository, trash: 0) { outlook.manifestByteCount += try size.integer(0) }
            children.formUnion(try edges(of: digest, in: repository).filter { $0.kind != .subject }.map(\.child))
            guard children.count <= Self.outlookCountsMax.blobs else { return nil }
        }
        var rest = Array(children)[...]
        while !rest.isEmpty {
            for byteCount in try freed(rest.prefix(Self.askedCount), besides: doomed, in: repository) {
                outlook.blobCount += 1
                outlook.blobByteCount += byteCount
            }
            rest = rest.dropFirst(Self.askedCount)
        }
        return outlook
    }

    private func outlook(onDeleting repository: RepositoryID) throws -> DeletionOutlook? {
        let limits = Self.outlookCountsMax
        let live = try rows(Statements.manifestsOf, .id(repository), .count(limits.manifests + 1))
        let trashed = try rows(Statements.trashWithin, .id(repository), .count(limits.manifests + 1))
        let links = try rows(Statements.linkSizes, .id(repository), .count(limits.blobs + 1))
        guard live.count <= limits.manifests, trashed.count <= limits.manifests, links.count <= limits.blobs else {
            return nil
        }
        var outlook = DeletionOutlook(manifestCount: live.count)
        let dead = try trashed.filter { try $0.text(1) == "manifest" }.map { try $0.digest(2) }
        for digest in Set(try live.map { try $0.digest(0) } + dead) {
            guard try isFree(digest, besides: repository, trash: repository.number) else { continue }
            outlook.manifestByteCount += try row(Statements.contentSize, .digest(digest))?.integer(0) ?? 0
        }
        for link in links where try link.integer(2) == 0 {
            outlook.blobCount += 1
            outlook.blobByteCount += try link.integer(1)
        }
        return outlook
    }

    /// Whether no other repository has a manifest, nor any trash but that of one repository.
    private func isFree(_ digest: Digest, besides repository: RepositoryID, trash: Int64) throws -> Bool {
        try row(Statements.contentElsewhere, .digest(digest), .id(repository), .integer(trash))?.integer(0) == 0
    }

    /// The sizes of those of some blobs that nothing needs besides some manifests of a repository.
    private func freed(
        _ blobs: some Collection<Digest>,
        besides doomed: Set<Digest>,
        in repository: RepositoryID
    ) throws -> [Int64] {
        // Each names a blob in three ways at most.
        let limit = SQLValue.count(3 * doomed.count + 1)
        let questions = blobs.map { blob in
            [
                Question(Statements.blobSize, [.digest(blob)]),
                Question(Statements.linkElsewhere, [.digest(blob), .id(repository)]),
                Question(Statements.trashHolders, [.id(repository), .digest(blob), .count(1)]),
                Question(Statements.holders, [.id(repository), .digest(blob), limit]),
            ]
        }
        let answers = try connection.rows(of: questions.flatMap(\.self)).map { $0.map(Row.init) }
        return try stride(from: 0, to: answers.count, by: 4).compactMap { place in
            guard let size = answers[place].first, answers[place + 1].isEmpty, answers[place + 2].isEmpty,
                try answers[place + 3].allSatisfy({ doomed.contains(try $0.digest(0)) })
            else { return nil }
            return try size.integer(0)
        }
    }
}

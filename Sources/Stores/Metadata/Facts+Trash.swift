public import OCI

/// What goes to the trash, and what is there.
extension Facts {
    /// Puts a manifest into the trash with the tags that point to it, for as long as it is kept; what it names stays
    /// needed until it is purged.
    ///
    /// Kept for no time it is purged from now on. Says whether it was there, and which tags went, in bytewise order.
    func trashManifest(
        _ digest: Digest,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        after outlook: TagOutlook?,
        keeping time: Duration
    ) throws -> (removed: Bool, tags: [Tag]) {
        let made = try row(
            Statements.insertTrashOfManifest,
            .id(repository),
            .digest(digest),
            .text(actor),
            .integer(time.inMicroseconds)
        )
        guard let entry = try made?.integer(0) else { return (false, []) }
        if time == .zero { try post(Statements.beginPurge, .integer(entry)) }
        let tags = try outlook?.tags ?? tags(of: digest, in: repository)
        for tag in tags {
            try post(Statements.insertTrashTag, .integer(entry), .name(tag))
            try post(Statements.trashTagEdges, .id(repository), .name(tag), .integer(entry))
            _ = try deleteTag(tag, in: repository, at: moment, by: actor, after: outlook)
        }
        try post(Statements.trashManifest, .id(repository), .digest(digest), .integer(entry))
        try post(Statements.trashEdges, .id(repository), .digest(digest), .integer(entry))
        try countManifestGone(digest, in: repository)
        try countSpared(by: digest, in: repository)
        try post(Statements.deleteManifest, .id(repository), .digest(digest))
        try post(Statements.deleteEdges, .id(repository), .digest(digest))
        return (true, tags)
    }

    /// Puts a tag into the trash, with the referrers that came by it; what it points to stays.
    func trashTag(
        _ tag: Tag,
        at digest: Digest,
        in repository: RepositoryID,
        by actor: String,
        keeping time: Duration
    ) throws {
        let made = try row(
            Statements.insertTrashOfTag,
            .id(repository),
            .name(tag),
            .digest(digest),
            .text(actor),
            .integer(time.inMicroseconds)
        )
        guard let entry = try made?.integer(0) else {
            throw MetadataError(.corrupt, "an entry of the trash was made and has no number")
        }
        try post(Statements.trashTagEdges, .id(repository), .name(tag), .integer(entry))
    }

    /// Puts a whole repository into the trash, where it has a name that no client can say; nil where there is none.
    ///
    /// What is pushed to its name from now on is another repository. Kept for no time it is purged from now on. Where a
    /// quota is that the trash does not count in, the transaction is as large as the repository.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - project: The project that it goes with, if it does: it is due when that is.
    ///   - moment: When it goes.
    ///   - actor: The id of who deletes it.
    ///   - time: For how long it is kept.
    /// - Returns: Its entry.
    /// - Throws: What the database ran into.
    public func trashRepository(
        _ name: RepositoryName,
        with project: String? = nil,
        at moment: Timestamp,
        by actor: String,
        keeping time: Duration
    ) throws -> TrashFact? {
        let making = Question(
            Statements.insertTrashOfRepository,
            [.name(name), .text(actor), .integer(time.inMicroseconds)]
        )
        let answers = try connection.rows(of: [making] + (ledger == nil ? [] : Self.quotasAlong(name)))
        guard let made = answers.first?.first.map(Row.init) else { return nil }
        let (entry, repository) = (try made.integer(0), try made.repository(1))
        try learnQuotas(of: name, repository, from: answers.dropFirst())
        try countTrashed(repository)
        // While it has its name.
        try tellAtOnce(
            EventNotice(
                occasion: EventNotice.Occasion(repository: repository, at: moment, actor: actor),
                kind: .repositoryDeleted,
                subject: .repository
            )
        )
        let hidden = "\(RepositoryID.hiddenMark)\(entry)"
        try post(Statements.renameRepository, .id(repository), .text(hidden), .text(hidden))
        if let project, time > .zero { try put(entry, with: project, by: actor, keeping: time) }
        return try trashEntry(entry)
    }

    // MARK: Looking

    /// An entry of the trash; nil when there is none of the number.
    public func trashEntry(_ id: Int64) throws -> TrashFact? {
        try row(Statements.trashEntry, .integer(id)).map { try $0.trash() }
    }

    /// At most `limit` entries before a number, the newest first: of all repositories, or of one and of those that had
    /// its name and are in the trash themselves.
    public func trash(of repository: RepositoryName?, before id: Int64?, limit: Int) throws -> [TrashFact] {
        let before = SQLValue.integer(id ?? .max)
        guard let repository else {
            return try rows(Statements.trashEntries, before, .count(limit)).map { try $0.trash() }
        }
        let within = try rows(Statements.trashOfRepository, .name(repository), before, .count(limit))
        let whole = try rows(Statements.trashedRepositories, .name(repository), before, .count(limit))
        return Array(try (within + whole).map { try $0.trash() }.sorted { $0.id > $1.id }.prefix(limit))
    }
}

extension RepositoryID {
    /// What the name of a repository begins with that is in the trash: no name that a client can say does.
    static let hiddenMark = "!"
}

extension Row {
    /// Columns: id, kind, repository, its name, tag, digest, size, deleted at, by, purged at, entry of the repository,
    /// entry of the project.
    fileprivate func trash() throws -> TrashFact {
        let purgeAt = try time(9)
        return TrashFact(
            id: try integer(0),
            kind: try value(1, TrashFact.Kind.init(rawValue:)),
            repository: try repository(2),
            name: try name(3),
            tag: try optionalText(4) == nil ? nil : tag(4),
            digest: try optionalDigest(5),
            byteCount: try optionalInteger(6),
            deletedAt: try time(7),
            deletedBy: try text(8),
            purgeAt: purgeAt.microseconds == 0 ? nil : purgeAt,
            repositoryEntry: try optionalInteger(10),
            projectEntry: try optionalInteger(11)
        )
    }
}

public import OCI

extension Facts {
    /// A blob, whoever may read it; nil when it is not stored, or not to be served.
    public func blob(_ digest: Digest) throws -> BlobFact? {
        try row(Statements.blob, .digest(digest)).map { try $0.blob(from: 0) }
    }

    /// A blob that a repository may read; nil when it is not linked there.
    public func linkedBlob(_ digest: Digest, in repository: RepositoryID) throws -> LinkedBlob? {
        try row(Statements.linkedBlob, .id(repository), .digest(digest)).map { try $0.linkedBlob() }
    }

    /// A blob that a repository may read, found by the name of the repository in one query.
    public func linkedBlob(_ digest: Digest, in repository: RepositoryName) throws -> LinkedBlob? {
        try row(Statements.linkedBlobByName, .name(repository), .digest(digest)).map { try $0.linkedBlob() }
    }

    /// Lets a repository read a blob, or renews that it may; the newest moment stays.
    public func link(
        _ digest: Digest,
        byteCount: Int64? = nil,
        in repository: RepositoryID,
        at moment: Timestamp
    ) throws {
        try countLink(digest, byteCount: byteCount, in: repository)
        try post(Statements.link, .id(repository), .digest(digest), .time(moment))
    }

    /// Ends that a repository may read a blob; false when it could not.
    ///
    /// With its last link a blob is doomed. Whoever was told before that the blob is there has to push it again: what
    /// was deleted is not brought back by naming it.
    public func unlink(_ digest: Digest, in repository: RepositoryID) throws -> Bool {
        try countUnlink(digest, in: repository)
        guard try run(Statements.unlink, .id(repository), .digest(digest)) > 0 else { return false }
        try post(Statements.deleteFormerLink, .id(repository), .digest(digest))
        try doom(digest)
        return true
    }

    /// Those of the digests that are not linked in a repository, in the order given.
    public func missingLinks(of digests: [Digest], in repository: RepositoryID) throws -> [Digest] {
        try missing(digests, from: Statements.hasLink, of: repository)
    }

    /// Those of the digests for which a statement finds nothing in a repository.
    func missing(
        _ digests: [Digest],
        from statement: Statement,
        of repository: RepositoryID
    ) throws -> [Digest] {
        let found = try connection.rows(of: digests.map { Question(statement, [.id(repository), .digest($0)]) })
        return zip(digests, found).filter { $0.1.isEmpty }.map(\.0)
    }

    /// Whether a manifest of the repository names a blob as its config, layer or child, and whether one does that is
    /// not in the trash.
    public func need(of digest: Digest, in repository: RepositoryID) throws -> BlobNeed {
        switch try row(Statements.isReferenced, .id(repository), .digest(digest))?.integer(0) {
        case 2: .live
        case 1: .trash
        default: .none
        }
    }

    /// At most `limit` repositories that may read a blob, the oldest first, without those that are in the trash; none
    /// where it is not served.
    public func anyRepositoryLinking(_ digest: Digest, limit: Int) throws -> [RepositoryName] {
        try rows(Statements.repositoriesLinking, .digest(digest), .count(limit))
            .filter { try !$0.text(0).hasPrefix(RepositoryID.hiddenMark) }.map { try $0.name(0) }
    }

    /// At most `limit` blobs of the installation after a digest, in the order of their digests.
    public func blobs(after digest: Digest?, limit: Int) throws -> [BlobFact] {
        try rows(Statements.blobs, .text(digest?.description ?? ""), .count(limit)).map { try $0.blob(from: 0) }
    }
}

extension Row {
    func blob(from column: Int) throws -> BlobFact {
        BlobFact(
            digest: try digest(column),
            byteCount: try integer(column + 1),
            key: try text(column + 2),
            storedAt: try time(column + 3)
        )
    }

    fileprivate func linkedBlob() throws -> LinkedBlob {
        LinkedBlob(blob: try blob(from: 2), repository: try repository(0), linkedAt: try time(1))
    }
}

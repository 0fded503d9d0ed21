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

    /// Records a stored blob, and returns the one that stands.
    ///
    /// A blob of this digest that is there already stands, and the bytes that were brought are the caller's to discard,
    /// unless the old one is in quarantine: then the new one takes its place.
    public func insertBlob(_ blob: BlobFact) throws -> BlobFact {
        if let known = try self.blob(blob.digest) { return known }
        try post(
            Statements.insertBlob,
            .digest(blob.digest),
            .integer(blob.byteCount),
            .text(blob.key),
            .time(blob.storedAt)
        )
        try addUsage(blobCount: 1, byteCount: blob.byteCount)
        return blob
    }

    /// Puts a blob in the place of one of its digest that no repository may read, or that is damaged.
    ///
    /// What was just hashed is known to be whole. So a push mends a blob whose bytes were found to be damaged, for
    /// every repository at once, and any other once it is deleted everywhere.
    ///
    /// - Parameters:
    ///   - blob: What is put there.
    ///   - damaged: The key under which the bytes were found to be damaged.
    /// - Returns: The one that was there, whose bytes are the caller's to discard; nil when there is none, or it stays.
    /// - Throws: What the database ran into.
    public func replaceBlob(with blob: BlobFact, damaged: String? = nil) throws -> BlobFact? {
        guard let old = try self.blob(blob.digest) else { return nil }
        let count = try run(
            Statements.replaceBlob,
            .digest(blob.digest),
            .integer(blob.byteCount),
            .text(blob.key),
            .time(blob.storedAt),
            .text(damaged ?? "")
        )
        guard count > 0 else { return nil }
        if old.byteCount != blob.byteCount { try addUsage(blobCount: 0, byteCount: blob.byteCount - old.byteCount) }
        return old
    }

    /// Lets a repository read a blob, or renews that it may; the newest moment stays.
    public func link(_ digest: Digest, in repository: RepositoryID, at moment: Timestamp) throws {
        try post(Statements.link, .id(repository), .digest(digest), .time(moment))
    }

    /// Ends that a repository may read a blob; false when it could not.
    public func unlink(_ digest: Digest, in repository: RepositoryID) throws -> Bool {
        try run(Statements.unlink, .id(repository), .digest(digest)) > 0
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
        let found = try connection.rows(statement, each: digests.map { [.id(repository), .digest($0)] })
        return zip(digests, found).filter { $0.1.isEmpty }.map(\.0)
    }

    /// Whether a manifest of the repository names a blob as its config, layer or child.
    public func isReferenced(blob digest: Digest, in repository: RepositoryID) throws -> Bool {
        try row(Statements.isReferenced, .id(repository), .digest(digest)) != nil
    }

    /// At most `limit` repositories that link a blob, the oldest first.
    public func anyRepositoryLinking(_ digest: Digest, limit: Int) throws -> [RepositoryName] {
        try rows(Statements.repositoriesLinking, .digest(digest), .count(limit)).map { try $0.name(0) }
    }

    /// At most `limit` blobs of the installation after a digest, in the order of their digests.
    public func blobs(after digest: Digest?, limit: Int) throws -> [BlobFact] {
        try rows(Statements.blobs, .text(digest?.description ?? ""), .count(limit)).map { try $0.blob(from: 0) }
    }
}

extension Row {
    fileprivate func blob(from column: Int) throws -> BlobFact {
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

public import OCI

extension Facts {
    /// Where a tag points; nil when there is none.
    public func tag(_ tag: Tag, in repository: RepositoryID) throws -> TagFact? {
        try row(Statements.tag, .id(repository), .name(tag)).map { row in
            TagFact(
                digest: try row.digest(0),
                version: try row.integer(1),
                movedAt: try row.time(2),
                movedBy: try row.text(3)
            )
        }
    }

    /// Points a tag to a manifest of the repository, and returns where it pointed before.
    ///
    /// A move to where it points already leaves everything as it is. Referrers that came by the tag go with its old
    /// target. Throws ``MetadataError/Code/conditionFailed`` when the tag is not as expected, and
    /// ``MetadataError/Code/constraint`` when the manifest is not in the repository.
    @discardableResult
    public func moveTag(
        _ tag: Tag,
        to digest: Digest,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        expecting expectation: TagExpectation = .anything
    ) throws -> Digest? {
        let (old, version) = try lastMove(of: tag, in: repository, expecting: expectation)
        guard old != digest else { return old }
        try post(
            Statements.putTag,
            .id(repository),
            .name(tag),
            .digest(digest),
            .integer(version + 1),
            .time(moment),
            .text(actor)
        )
        try record(tag, in: repository, TagEvent(version: version + 1, old: old, new: digest, at: moment, by: actor))
        if old != nil {
            try removeTagReferrers(tag, in: repository)
        }
        return old
    }

    /// Removes a tag with the referrers that came by it, and returns where it pointed; nil when there was none.
    ///
    /// Throws ``MetadataError/Code/conditionFailed`` when the tag is not as expected.
    @discardableResult
    public func deleteTag(
        _ tag: Tag,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        expecting expectation: TagExpectation = .anything
    ) throws -> Digest? {
        let (old, version) = try lastMove(of: tag, in: repository, expecting: expectation)
        guard let old else { return nil }
        try post(Statements.deleteTag, .id(repository), .name(tag))
        try record(tag, in: repository, TagEvent(version: version + 1, old: old, new: nil, at: moment, by: actor))
        try removeTagReferrers(tag, in: repository)
        return old
    }

    /// At most `limit` tags after a text, which need not be a tag itself, in bytewise order.
    ///
    /// The work is that of the page, however many tags there are.
    public func tags(in repository: RepositoryID, after text: String?, limit: Int) throws -> [Tag] {
        try rows(Statements.tags, .id(repository), .position(text), .count(limit)).map { try $0.tag(0) }
    }

    /// At most `limit` moves and deletions of a tag after a version, the oldest first.
    public func events(of tag: Tag, in repository: RepositoryID, after version: Int64, limit: Int) throws -> [TagEvent]
    {
        let rows = try rows(
            Statements.tagEvents,
            .id(repository),
            .name(tag),
            .integer(version),
            .count(limit)
        )
        return try rows.map { row in
            TagEvent(
                version: try row.integer(0),
                old: try row.optionalDigest(1),
                new: try row.optionalDigest(2),
                at: try row.time(3),
                by: try row.text(4)
            )
        }
    }

    private func lastMove(
        of tag: Tag,
        in repository: RepositoryID,
        expecting expectation: TagExpectation
    ) throws -> (digest: Digest?, version: Int64) {
        let row = try row(Statements.lastMove, .id(repository), .name(tag))
        let digest = try row?.optionalDigest(0)
        let holds =
            switch expectation {
            case .oneOf(let targets): targets.contains(digest)
            case .noneOf(let targets): !targets.contains(digest)
            }
        guard holds else {
            let found = digest?.description ?? "nowhere"
            throw MetadataError(.conditionFailed, "the tag \(tag) points to \(found), which was not expected")
        }
        return (digest, try row?.integer(1) ?? 0)
    }

    private func record(_ tag: Tag, in repository: RepositoryID, _ event: TagEvent) throws {
        try post(
            Statements.insertTagEvent,
            .id(repository),
            .name(tag),
            .integer(event.version),
            .optional(event.old?.description),
            .optional(event.new?.description),
            .time(event.at),
            .text(event.by)
        )
    }
}

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
    /// target. What was asked of the tag before is in `outlook`; nil asks now.
    ///
    /// Throws ``MetadataError/Code/conditionFailed`` when the tag is not as expected, and
    /// ``MetadataError/Code/constraint`` when the manifest is not in the repository.
    @discardableResult
    public func moveTag(
        _ tag: Tag,
        to digest: Digest,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        expecting expectation: TagExpectation = .anything,
        after outlook: TagOutlook? = nil
    ) throws -> Digest? {
        let last = try outlook.map { $0.moves[tag] ?? .none } ?? lastMove(of: tag, in: repository)
        try expectation.demand(of: tag, at: last.digest)
        let (old, version) = (last.digest, last.version)
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
        } else {
            try countTag(tag, 1, in: repository)
        }
        return old
    }

    /// Removes a tag with the referrers that came by it, and returns where it pointed; nil when there was none.
    ///
    /// What was asked of the tag before is in `outlook`; nil asks now. It goes to the trash where it is to be kept for
    /// some time.
    ///
    /// Throws ``MetadataError/Code/conditionFailed`` when the tag is not as expected.
    @discardableResult
    public func deleteTag(
        _ tag: Tag,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        expecting expectation: TagExpectation = .anything,
        after outlook: TagOutlook? = nil,
        keeping time: Duration = .zero
    ) throws -> Digest? {
        let last = try outlook.map { $0.moves[tag] ?? .none } ?? lastMove(of: tag, in: repository)
        try expectation.demand(of: tag, at: last.digest)
        guard let old = last.digest else { return nil }
        if time > .zero { try trashTag(tag, at: old, in: repository, by: actor, keeping: time) }
        try post(Statements.deleteTag, .id(repository), .name(tag))
        try countTag(tag, -1, in: repository)
        try record(tag, in: repository, TagEvent(version: last.version + 1, old: old, new: nil, at: moment, by: actor))
        try removeTagReferrers(tag, in: repository)
        return old
    }

    /// At most `limit` tags after a text, which need not be a tag itself, in bytewise order.
    ///
    /// The work is that of the page, however many tags there are.
    public func tags(in repository: RepositoryName, after text: String?, limit: Int) throws -> [Tag] {
        try rows(Statements.tags, .name(repository), .position(text), .count(limit)).map { try $0.tag(0) }
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
        return try rows.map { try $0.tagEvent() }
    }

    private func lastMove(of tag: Tag, in repository: RepositoryID) throws -> TagMove {
        try row(Statements.lastMove, .id(repository), .name(tag))?.move() ?? .none
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
        tell(
            EventNotice(
                occasion: EventNotice.Occasion(repository: repository, at: event.at, actor: event.by),
                kind: event.new == nil ? .tagDeleted : .tagMoved,
                subject: .tag(tag),
                version: event.version,
                old: event.old,
                new: event.new
            )
        )
    }
}

extension Row {
    /// Columns: version, old and new digest, when, who.
    func tagEvent() throws -> TagEvent {
        TagEvent(
            version: try integer(0),
            old: try optionalDigest(1),
            new: try optionalDigest(2),
            at: try time(3),
            by: try text(4)
        )
    }
}

extension TagExpectation {
    /// Refuses a tag that points elsewhere.
    fileprivate func demand(of tag: Tag, at digest: Digest?) throws {
        let holds =
            switch self {
            case .oneOf(let targets): targets.contains(digest)
            case .noneOf(let targets): !targets.contains(digest)
            }
        guard !holds else { return }
        let found = digest?.description ?? "nowhere"
        throw MetadataError(.conditionFailed, "the tag \(tag) points to \(found), which was not expected")
    }
}

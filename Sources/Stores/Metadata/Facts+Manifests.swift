public import OCI

extension Facts {
    /// What a client gets of a manifest, found by the name of its repository in one query.
    public func content(of digest: Digest, in repository: RepositoryName) throws -> ManifestContent? {
        try row(Statements.contentByName, .name(repository), .digest(digest)).map { try $0.content() }
    }

    /// What a client gets of the manifest that a tag points to, found by the name of its repository in one query.
    public func content(tagged tag: Tag, in repository: RepositoryName) throws -> ManifestContent? {
        try row(Statements.contentTagged, .name(repository), .name(tag)).map { try $0.content() }
    }

    /// Those of the manifests that a repository has, in the order given; asked about together.
    public func manifests(_ digests: [Digest], in repository: RepositoryName) throws -> [StoredManifest] {
        let found = try connection.rows(
            of: digests.map { Question(Statements.manifestByName, [.name(repository), .digest($0)]) }
        )
        return try found.compactMap { try $0.first.map(Row.init)?.manifest() }
    }

    /// Records a manifest with its bytes and what it names; pushed again it is the newest push that stays.
    ///
    /// A push to where it is already mends bytes that were found to be damaged, for every repository that has it.
    ///
    /// - Parameters:
    ///   - fact: What is known of it.
    ///   - bytes: The bytes, verbatim.
    ///   - edges: What it names.
    ///   - repository: Where it is pushed to.
    ///   - outlook: What was asked before; nil asks now.
    /// - Throws: What the database ran into.
    public func insertManifest(
        _ fact: ManifestFact,
        bytes: [UInt8],
        edges: [Edge],
        in repository: RepositoryID,
        after outlook: PushOutlook? = nil
    ) throws {
        let standing: (mediaType: String?, isDamaged: Bool)
        if let outlook {
            standing = (outlook.mediaType, outlook.isDamaged)
        } else {
            let known = try row(Statements.manifestMediaType, .id(repository), .digest(fact.digest))
            standing = (try known?.text(0), try known?.integer(1) == 1)
        }
        if standing.mediaType == nil {
            try countManifest(fact.digest, byteCount: fact.byteCount, in: repository)
            try post(Statements.insertContent, .digest(fact.digest), .integer(fact.byteCount), .blob(bytes))
        } else if standing.isDamaged {
            try replaceContent(fact.digest, bytes)
        }
        try post(
            Statements.insertManifest,
            .id(repository),
            .digest(fact.digest),
            .text(fact.mediaType.description),
            .optional(fact.artifactType),
            .optional(fact.subject?.description),
            .time(fact.pushedAt),
            .text(fact.pushedBy)
        )
        tell(
            EventNotice(
                occasion: EventNotice.Occasion(repository: repository, at: fact.pushedAt, actor: fact.pushedBy),
                kind: .manifestPushed,
                subject: .manifest(fact.digest),
                new: fact.digest
            )
        )
        // The same bytes read as another media type may name other things.
        if let known = standing.mediaType {
            guard known != fact.mediaType.description else { return }
            try forgetEdges(of: fact.digest, in: repository)
        }
        for edge in edges {
            try post(
                Statements.insertEdge,
                .id(repository),
                .digest(fact.digest),
                .digest(edge.child),
                .text(edge.kind.rawValue),
                .text("")
            )
        }
        try countNamed(by: fact.digest, in: repository)
    }

    /// Removes a manifest, what it names, and the tags that point to it with the referrers that came by them; to the
    /// trash, where it is to be kept for some time, and where others refer to it that go after it.
    ///
    /// Says whether it was there, and which tags went, in bytewise order. What was asked of all of its tags before is
    /// in `outlook`; nil asks now.
    public func deleteManifest(
        _ digest: Digest,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        after outlook: TagOutlook? = nil,
        keeping time: Duration = .zero
    ) throws -> (removed: Bool, tags: [Tag]) {
        let (removed, tags) = try takeManifest(
            digest,
            in: repository,
            at: moment,
            by: actor,
            after: outlook,
            keeping: time
        )
        guard removed else { return (false, tags) }
        tell(
            EventNotice(
                occasion: EventNotice.Occasion(repository: repository, at: moment, actor: actor),
                kind: .manifestDeleted,
                subject: .manifest(digest),
                old: digest
            )
        )
        return (true, tags)
    }

    /// The same, of which nobody is told but of the tags.
    func takeManifest(
        _ digest: Digest,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        after outlook: TagOutlook? = nil,
        keeping time: Duration = .zero
    ) throws -> (removed: Bool, tags: [Tag]) {
        try time > .zero || hasLooseReferrers(digest, in: repository)
            ? trashManifest(digest, in: repository, at: moment, by: actor, after: outlook, keeping: time)
            : removeManifest(digest, in: repository, at: moment, by: actor, after: outlook)
    }

    /// Removes a manifest for good.
    private func removeManifest(
        _ digest: Digest,
        in repository: RepositoryID,
        at moment: Timestamp,
        by actor: String,
        after outlook: TagOutlook?
    ) throws -> (removed: Bool, tags: [Tag]) {
        let tags = try outlook?.tags ?? tags(of: digest, in: repository)
        for tag in tags {
            _ = try deleteTag(tag, in: repository, at: moment, by: actor, after: outlook)
        }
        guard try run(Statements.deleteManifest, .id(repository), .digest(digest)) > 0 else { return (false, tags) }
        try countManifestGone(digest, in: repository)
        try forgetEdges(of: digest, in: repository)
        try post(Statements.deleteContent, .digest(digest))
        return (true, tags)
    }

    /// How many tags a manifest may have that is deleted with them: all go in one transaction.
    public static let tagsDeletedMax = 10_000

    /// The tags that point to a manifest, in bytewise order; of more than may be deleted with it one more than that.
    public func tags(of digest: Digest, in repository: RepositoryID) throws -> [Tag] {
        let limit = SQLValue.count(Self.tagsDeletedMax + 1)
        return try rows(Statements.tagsOfManifest, .id(repository), .digest(digest), limit).map { try $0.tag(0) }
    }

    /// Forgets what a manifest names; whether it is still needed is to be looked at.
    private func forgetEdges(of digest: Digest, in repository: RepositoryID) throws {
        try countSpared(by: digest, in: repository)
        try post(Statements.markChildrenIdle, .id(repository), .digest(digest))
        try post(Statements.deleteEdges, .id(repository), .digest(digest))
    }

    /// Those of the digests that are no manifests of a repository, in the order given.
    public func missingManifests(of digests: [Digest], in repository: RepositoryID) throws -> [Digest] {
        try missing(digests, from: Statements.manifestMediaType, of: repository)
    }

    /// At most `limit` indexes of a repository that name a manifest as their child, in the order of their digests.
    public func parents(of digest: Digest, in repository: RepositoryID, limit: Int) throws -> [Digest] {
        try rows(Statements.parents, .id(repository), .digest(digest), .count(limit)).map { try $0.digest(0) }
    }

    /// What a manifest of a repository names, in the order of digest and kind.
    public func edges(of digest: Digest, in repository: RepositoryID) throws -> [Edge] {
        try rows(Statements.edges, .id(repository), .digest(digest)).map { row in
            Edge(child: try row.digest(0), kind: try row.value(1, Edge.Kind.init(rawValue:)))
        }
    }

    /// At most `limit` manifests of all repositories after a place, in the order of repository and digest.
    public func manifests(after place: ManifestPlace?, limit: Int) throws -> [StoredManifest] {
        let after = (place?.repository.number ?? 0, place?.digest.description ?? "")
        return try rows(Statements.manifests, .integer(after.0), .text(after.1), .count(limit)).map {
            try $0.manifest()
        }
    }
}

extension Row {
    fileprivate func content() throws -> ManifestContent {
        ManifestContent(digest: try digest(0), mediaType: try mediaType(1), bytes: try bytes(2))
    }

    /// Columns: those of ``manifestFact()``, bytes.
    func manifest() throws -> StoredManifest {
        StoredManifest(repository: try repository(0), fact: try manifestFact(), bytes: try bytes(8))
    }

    /// Columns: repository, digest, media type, artifact type, subject, size, pushed at, pushed by.
    func manifestFact() throws -> ManifestFact {
        ManifestFact(
            digest: try digest(1),
            mediaType: try mediaType(2),
            artifactType: try optionalText(3),
            subject: try optionalDigest(4),
            byteCount: try integer(5),
            pushedAt: try time(6),
            pushedBy: try text(7)
        )
    }
}

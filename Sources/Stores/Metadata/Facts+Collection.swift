public import OCI

/// The steps of the collection: each is one transaction of bounded size, and may be the last one before a crash.
extension Facts {
    /// Looks at links for which `grace` is over, the oldest first: those that are needed rest, the others go.
    ///
    /// A link that goes leaves its trace for as long as what a client was told may hold; a blob whose last link goes is
    /// doomed.
    ///
    /// - Parameters:
    ///   - grace: For how long they have been idle at least.
    ///   - last: Where the step before has ended, so that what that has done is not passed over again.
    ///   - limit: How many at most.
    /// - Returns: What came of it.
    /// - Throws: What the database ran into.
    public func lookAtIdleLinks(after grace: Duration, from last: Timestamp? = nil, limit: Int) throws -> LinkLooks {
        var looks = LinkLooks(last: last)
        let start = last?.microseconds ?? .min
        for row in try rows(Statements.idleLinks, .integer(grace.inMicroseconds), .integer(start), .count(limit)) {
            let look = try row.linkLook(isMarked: true)
            looks.last = try row.time(3)
            looks.count += 1
            guard !look.isNeeded else {
                try post(Statements.restLink, .id(look.repository), .digest(look.digest))
                continue
            }
            try countUnlink(look.digest, in: look.repository)
            try post(Statements.unlink, .id(look.repository), .digest(look.digest))
            try post(Statements.insertFormerLink, .id(look.repository), .digest(look.digest))
            try doom(look.digest)
            looks.removed.append(look)
        }
        return looks
    }

    /// Brings back those links that the collection removed lately, as far as the blobs stand; returns the others.
    func recoverLinks(to digests: [Digest], in repository: RepositoryID, at moment: Timestamp) throws -> [Digest] {
        let found = try connection.rows(
            of: digests.map { Question(Statements.recoverLink, [.id(repository), .digest($0), .time(moment)]) }
        )
        for (digest, rows) in zip(digests, found) where !rows.isEmpty { try countNewLink(digest, in: repository) }
        return zip(digests, found).filter { $0.1.isEmpty }.map(\.0)
    }

    /// Puts a blob onto the list of those that go, if no repository links it.
    func doom(_ digest: Digest) throws {
        try post(Statements.doomBlob, .digest(digest))
    }

    /// Records that bytes are no blob, or not any more: they can be removed at any time.
    func doom(_ key: DoomedKey) throws {
        let digest = key.digest?.description ?? ""
        try post(Statements.insertDoomedKey, .text(key.key), .text(digest), .integer(key.byteCount))
    }

    /// Takes blobs out of the facts that no repository has linked for the time of the quarantine; their bytes stay.
    ///
    /// `last` is where the step before has ended.
    public func takeDoomedBlobs(
        after quarantine: Duration,
        from last: Timestamp? = nil,
        limit: Int
    ) throws -> BlobLooks {
        var (looks, taken) = (BlobLooks(last: last), Usage(blobCount: 0, byteCount: 0))
        let start = last?.microseconds ?? .min
        for row in try rows(Statements.dueBlobs, .integer(quarantine.inMicroseconds), .integer(start), .count(limit)) {
            let digest = try row.digest(0)
            looks.last = try row.time(5)
            looks.count += 1
            try post(Statements.deleteDoomedBlob, .digest(digest))
            // Linked again meanwhile, or gone already: whoever did that has left this row alone.
            guard try row.integer(4) == 0, let key = try row.optionalText(1) else { continue }
            let bytes = DoomedKey(key: key, digest: digest, byteCount: try row.integer(2))
            try post(Statements.deleteFormerLinks, .digest(digest))
            try doom(bytes)
            try post(Statements.deleteBlob, .digest(digest))
            if try row.text(3) == "stored" {
                taken.blobCount += 1
                taken.byteCount += bytes.byteCount
            } else {
                try forgetDamage(digest, .blob)
            }
            looks.taken.append(bytes)
        }
        if taken.blobCount > 0 { try addUsage(blobCount: -taken.blobCount, byteCount: -taken.byteCount) }
        return looks
    }

    /// Forgets links that have been gone for the time of the quarantine; how many, and where it has ended.
    public func forgetFormerLinks(
        after quarantine: Duration,
        from last: Timestamp? = nil,
        limit: Int
    ) throws -> (count: Int, last: Timestamp?) {
        let start = last?.microseconds ?? .min
        let old = try rows(
            Statements.oldFormerLinks,
            .integer(quarantine.inMicroseconds),
            .integer(start),
            .count(limit)
        )
        for row in old { try post(Statements.deleteFormerLink, .id(try row.repository(0)), .digest(try row.digest(1))) }
        return (old.count, try old.last?.time(2) ?? last)
    }

    /// At most `limit` keys of bytes that can be removed, after a key.
    public func doomedKeys(after key: String?, limit: Int) throws -> [DoomedKey] {
        try rows(Statements.doomedKeys, .text(key ?? ""), .count(limit)).map { row in
            let digest = try row.text(1).isEmpty ? nil : try row.digest(1)
            return DoomedKey(key: try row.text(0), digest: digest, byteCount: try row.integer(2))
        }
    }

    /// Whether bytes are known to be no blob any more.
    func isDoomed(_ key: String) throws -> Bool {
        try row(Statements.doomedKey, .text(key)) != nil
    }

    /// Whether bytes are named: as those of a blob, or as such that are to be removed.
    public func isNamed(_ key: String, _ digest: Digest) throws -> Bool {
        // In one moment of the facts: taken in two, bytes that go from the one to the other would be in neither.
        try standingKey(of: digest) == key || isDoomed(key)
    }

    /// The key of the bytes of a blob, whether it is served or not.
    private func standingKey(of digest: Digest) throws -> String? {
        try row(Statements.standingBlob, .digest(digest))?.text(2)
    }

    /// Records that finished bytes are to be removed, unless they are those of a blob; whether they are to be.
    public func doomUnlessNamed(_ bytes: BlobFact) throws -> Bool {
        guard try standingKey(of: bytes.digest) != bytes.key else { return false }
        try doom(DoomedKey(key: bytes.key, digest: bytes.digest, byteCount: bytes.byteCount))
        return true
    }

    /// Forgets keys whose bytes are gone from the store; how many of them nobody else has forgotten before.
    public func forgetDoomedKeys(_ keys: [String]) throws -> Int {
        try connection.rows(of: keys.map { Question(Statements.deleteDoomedKey, [.text($0)]) }).count { !$0.isEmpty }
    }
}

// MARK: - The survey

/// What an older program has left, which marks nothing.
extension Facts {
    /// At most `limit` links of all repositories after a place; none after that of a blob.
    public func links(after place: SurveyPlace?, limit: Int) throws -> [LinkLook] {
        let (number, digest): (Int64, String)
        switch place {
        case .blob: return []
        case .link(let repository, let last): (number, digest) = (repository, last.description)
        case nil: (number, digest) = (0, "")
        }
        return try rows(Statements.linksAfter, .integer(number), .text(digest), .count(limit)).map {
            try $0.linkLook(isMarked: try $0.integer(3) == 1)
        }
    }

    /// At most `limit` blobs after a place, whether they are served or not.
    public func blobLooks(after place: SurveyPlace?, limit: Int) throws -> [BlobLook] {
        let digest = if case .blob(let last) = place { last.description } else { "" }
        return try rows(Statements.blobsAfter, .text(digest), .count(limit)).map { row in
            BlobLook(digest: try row.digest(0), isKnown: try row.integer(1) == 1 || row.integer(2) == 1)
        }
    }

    /// Lets links be looked at once their grace is over: those that are needed after all stay.
    public func markIdle(_ looks: [LinkLook]) throws {
        for look in looks { try post(Statements.markIdle, .id(look.repository), .digest(look.digest)) }
    }

    /// Dooms those of the blobs that no repository links.
    public func doomUnlinked(_ digests: [Digest]) throws {
        for digest in digests { try doom(digest) }
    }
}

// MARK: - Questions

extension Facts {
    /// Why a blob is kept, or when it goes; nil when there is none.
    ///
    /// At most `limit` links are told, and of each as many manifests and tags.
    public func fate(of digest: Digest, limit: Int) throws -> BlobFate? {
        guard let row = try row(Statements.blobFate, .digest(digest)) else { return nil }
        var needing = try links(Statements.needingLinks, to: digest, limit: limit)
        if needing.allSatisfy(\.isInTrash) {
            needing += try links(Statements.trashNeedingLinks, to: digest, Statements.trashHolders, limit: limit)
        }
        let links = needing.isEmpty ? try links(Statements.linksOfBlob, to: digest, limit: limit) : needing
        let totals = try self.row(Statements.linkTotals, .digest(digest), .count(Self.linkCountMax))
        let count = try totals?.integer(0) ?? 0
        var idleFor: Duration?
        if needing.isEmpty, count < Self.linkCountMax, try totals?.integer(1) == count {
            idleFor = try totals?.optionalInteger(2).map { .microseconds($0) }
        }
        return BlobFate(
            byteCount: try row.integer(0),
            storedAt: try row.time(1),
            unlinkedFor: links.isEmpty ? try row.optionalInteger(2).map { .microseconds($0) } : nil,
            links: links,
            idleFor: idleFor
        )
    }

    /// Of how many links of a blob it is asked for how long they are idle.
    private static let linkCountMax = 10_000

    private func links(
        _ statement: Statement,
        to digest: Digest,
        _ holding: Statement = Statements.holders,
        limit: Int
    ) throws -> [BlobFate.Link] {
        try rows(statement, .digest(digest), .count(limit)).map { row in
            let repository = try row.repository(0)
            let holders = try rows(holding, .id(repository), .digest(digest), .count(limit)).map { row in
                Edge(child: try row.digest(0), kind: try row.value(1, Edge.Kind.init(rawValue:)))
            }
            let holder = holders.first?.child
            let named = try holder.map { try tags(of: $0, in: repository, limit: limit) }
            return BlobFate.Link(
                repository: try row.name(1),
                idleFor: try row.optionalInteger(2).map { .microseconds($0) },
                holders: holders,
                tags: named ?? [],
                isInTrash: try holding == Statements.trashHolders || row.integer(3) == 1
            )
        }
    }

    /// At most `limit` repositories that have a manifest, with as many tags of each: those that are not in the trash
    /// themselves, if there are any; then as many deletions by which it is in the trash.
    public func standings(ofManifest digest: Digest, limit: Int) throws -> [ManifestStanding] {
        let living = try rows(Statements.livingWithManifest, .digest(digest), .count(limit))
        let whole =
            try living.isEmpty ? rows(Statements.repositoriesOfManifest, .digest(digest), .count(limit)) : living
        let there = try whole.map { row in
            let tags = try tags(of: digest, in: try row.repository(0), limit: limit)
            return try row.manifestStanding(tags)
        }
        return there
            + (try rows(Statements.trashOfManifest, .digest(digest), .count(limit)).map { try $0.manifestStanding([]) })
    }

    private func tags(of manifest: Digest, in repository: RepositoryID, limit: Int) throws -> [Tag] {
        try rows(Statements.tagsOfManifest, .id(repository), .digest(manifest), .count(limit)).map {
            try $0.tag(0)
        }
    }

    /// What is on its way out; nothing is counted beyond `limit`.
    public func collectionTotals(limit: Int) throws -> CollectionTotals {
        let idle = try row(Statements.idleTotal, .count(limit))
        let doomed = try row(Statements.doomedTotals, .count(limit))
        let keys = try row(Statements.doomedKeyTotals, .count(limit))
        return CollectionTotals(
            idleLinkCount: try idle?.integer(0) ?? 0,
            oldestIdleSince: try idle?.optionalTime(1),
            blobCount: try doomed?.integer(0) ?? 0,
            byteCount: try doomed?.integer(1) ?? 0,
            keyCount: try keys?.integer(0) ?? 0,
            keyByteCount: try keys?.integer(1) ?? 0
        )
    }
}

extension Row {
    /// Columns: repository, its name, the entry of the trash, when that is purged.
    fileprivate func manifestStanding(_ tags: [Tag]) throws -> ManifestStanding {
        ManifestStanding(
            repository: try name(1),
            tags: tags,
            trash: try optionalInteger(2).map { entry in
                let purgeAt = try time(3)
                return ManifestStanding.Deletion(entry: entry, purgeAt: purgeAt.microseconds == 0 ? nil : purgeAt)
            }
        )
    }

    /// Columns: repository, digest, whether it is needed.
    fileprivate func linkLook(isMarked: Bool) throws -> LinkLook {
        LinkLook(
            repository: try repository(0),
            digest: try digest(1),
            isNeeded: try integer(2) == 1,
            isMarked: isMarked
        )
    }
}

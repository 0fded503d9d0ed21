public import OCI

/// Reading stored bytes again, and what came of it.
extension Facts {
    /// At most `limit` blobs that were last looked at before a moment, the longest ago first, after one of before.
    public func blobsToLookAt(
        before moment: Timestamp,
        after last: BlobToLookAt?,
        limit: Int
    ) throws -> [BlobToLookAt] {
        let place = (last?.lookedAt.microseconds ?? 0, last?.blob.digest.description ?? "")
        return try rows(Statements.blobsToLookAt, .integer(place.0), .text(place.1), .time(moment), .count(limit)).map {
            BlobToLookAt(blob: try $0.blob(from: 0), lookedAt: try $0.time(4))
        }
    }

    /// Records that the bytes of blobs were found to be whole, as far as those are still theirs.
    public func noteWhole(_ blobs: [BlobFact]) throws {
        for blob in blobs { try post(Statements.noteLook, .digest(blob.digest), .text(blob.key)) }
    }

    /// Takes a blob out of service whose bytes are damaged; false when other bytes are in their place by now.
    ///
    /// It is not counted as used any more: whoever mends it is counted as bringing it.
    public func quarantine(_ blob: BlobFact, because problem: String) throws -> Bool {
        guard let row = try row(Statements.quarantineBlob, .digest(blob.digest), .text(blob.key)) else { return false }
        try addUsage(blobCount: -1, byteCount: -(try row.integer(0)))
        try putDamage(blob.digest, .blob, problem)
        return true
    }

    /// Puts a blob into service again whose bytes were found to be whole after all; false when that was done, or other
    /// bytes are in their place.
    public func release(_ blob: BlobFact) throws -> Bool {
        guard let row = try row(Statements.releaseBlob, .digest(blob.digest), .text(blob.key)) else { return false }
        try addUsage(blobCount: 1, byteCount: try row.integer(0), isBack: true)
        try forgetDamage(blob.digest, .blob)
        return true
    }

    /// At most `limit` blobs after a digest whose bytes are damaged.
    public func quarantinedBlobs(after digest: Digest?, limit: Int) throws -> [BlobToLookAt] {
        try rows(Statements.quarantinedBlobs, .text(digest?.description ?? ""), .count(limit)).map {
            BlobToLookAt(blob: try $0.blob(from: 0), lookedAt: try $0.time(4))
        }
    }

    /// Whether a blob is out of service, with the bytes that it has.
    public func isQuarantined(_ blob: BlobFact) throws -> Bool {
        guard let row = try row(Statements.standingBlob, .digest(blob.digest)) else { return false }
        return try row.text(2) == blob.key && row.text(5) == "quarantined"
    }

    /// Whether it is noted that something is wrong with content.
    public func hasDamage(_ digest: Digest, _ kind: DamageFact.Kind) throws -> Bool {
        try row(Statements.damage, .digest(digest), .text(kind.rawValue)) != nil
    }

    /// Whether a repository has a blob whose bytes are damaged; nil when there is no such repository.
    public func hasQuarantined(_ digest: Digest, in repository: RepositoryName) throws -> Bool? {
        try row(Statements.isQuarantinedByName, .name(repository), .digest(digest)).map { try $0.integer(0) == 1 }
    }

    /// Records what is wrong with content; where that is known, that it is still so.
    public func putDamage(_ digest: Digest, _ kind: DamageFact.Kind, _ problem: String) throws {
        try post(Statements.putDamage, .digest(digest), .text(kind.rawValue), .text(problem))
    }

    /// Forgets that something was wrong with content.
    public func forgetDamage(_ digest: Digest, _ kind: DamageFact.Kind) throws {
        try post(Statements.deleteDamage, .digest(digest), .text(kind.rawValue))
    }

    /// At most `limit` rows of what is damaged after one, in the order of digest and kind; what was mended by a program
    /// that does not know of this is among them, and said so.
    public func damages(
        after last: DamageFact.Place?,
        limit: Int
    ) throws -> [(damage: DamageFact, isMended: Bool)] {
        let place = (last?.digest ?? "", last?.kind ?? "")
        return try rows(Statements.damages, .text(place.0), .text(place.1), .count(limit)).map { row in
            let kind = try row.value(1, DamageFact.Kind.init(rawValue:))
            let damage = DamageFact(
                digest: try row.digest(0),
                kind: kind,
                problem: try row.text(2),
                foundAt: try row.time(3),
                lookedAt: try row.time(4)
            )
            return (damage, try kind == .blob && row.optionalText(5) != "quarantined")
        }
    }

    /// How much is damaged of each kind, counted to a bound.
    public func damageCounts(limit: Int) throws -> [DamageFact.Kind: Int64] {
        guard let row = try row(Statements.damageCounts, .count(limit)) else { return [:] }
        return [.blob: try row.integer(0), .manifest: try row.integer(1)]
    }

    /// At most `limit` manifests' bytes after a digest, each once for all repositories.
    public func contents(after digest: Digest?, limit: Int) throws -> [(digest: Digest, bytes: [UInt8])] {
        try rows(Statements.contentsAfter, .text(digest?.description ?? ""), .count(limit)).map {
            (try $0.digest(0), try $0.bytes(1))
        }
    }

    /// The bytes of a manifest, whoever has it; nil when nobody has.
    public func content(of digest: Digest) throws -> [UInt8]? {
        try row(Statements.contentOf, .digest(digest))?.bytes(0)
    }

    /// Puts the bytes of a manifest in the place of damaged ones.
    func replaceContent(_ digest: Digest, _ bytes: [UInt8]) throws {
        try post(Statements.replaceContent, .digest(digest), .integer(Int64(bytes.count)), .blob(bytes))
        try forgetDamage(digest, .manifest)
    }
}

// MARK: - Images

extension Facts {
    /// The images that need content: at most `limit` repositories, and in each as many manifests and tags.
    public func images(needing digest: Digest, _ kind: DamageFact.Kind, limit: Int) throws -> [NeedingImage] {
        switch kind {
        case .manifest:
            return try rows(Statements.repositoriesOfManifest, .digest(digest), .count(limit)).map { row in
                try image(digest, try row.repository(0), try row.name(1), limit)
            }
        case .blob:
            return try rows(Statements.linksOfBlob, .digest(digest), .count(limit)).flatMap { row in
                let (repository, name) = (try row.repository(0), try row.name(1))
                let holders = try rows(Statements.holders, .id(repository), .digest(digest), .count(limit))
                guard !holders.isEmpty else { return [NeedingImage(repository: name, manifest: nil, tags: [])] }
                return try holders.map { try image(try $0.digest(0), repository, name, limit) }
            }
        }
    }

    private func image(
        _ manifest: Digest,
        _ repository: RepositoryID,
        _ name: RepositoryName,
        _ limit: Int
    ) throws -> NeedingImage {
        var tags: [Tag] = []
        for digest in try [manifest] + parents(of: manifest, in: repository, limit: limit) where tags.count < limit {
            let rest = SQLValue.count(limit - tags.count)
            tags += try rows(Statements.tagsOfManifest, .id(repository), .digest(digest), rest).map { try $0.tag(0) }
        }
        return NeedingImage(repository: name, manifest: manifest, tags: tags)
    }
}

// MARK: - Read-only

extension Facts {
    /// What nobody may change, by scope.
    public func readOnlyScopes() throws -> [ReadOnlyFact] {
        try rows(Statements.readOnlyScopes).map { row in
            ReadOnlyFact(
                scope: try row.text(0),
                reason: try row.text(1),
                setAt: try row.time(2),
                setBy: try row.text(3)
            )
        }
    }

    /// Says that nobody may change something, and why.
    public func setReadOnly(_ scope: String, because reason: String, by principal: String) throws {
        try post(Statements.setReadOnly, .text(scope), .text(reason), .text(principal))
    }

    /// Lets it be changed again; false when it could be.
    public func deleteReadOnly(_ scope: String) throws -> Bool {
        try run(Statements.deleteReadOnly, .text(scope)) > 0
    }
}

// MARK: - The manifests' turn

/// How far the reading of all manifests has come.
public struct ManifestPass: Sendable, Hashable {
    /// When it was begun.
    public var beganAt: Timestamp
    /// The last one that was read; nil before the first.
    public var last: Digest?
    /// Whether all were read.
    public var isOver: Bool

    /// States it.
    public init(beganAt: Timestamp, last: Digest? = nil, isOver: Bool = false) {
        (self.beganAt, self.last, self.isOver) = (beganAt, last, isOver)
    }
}

extension Facts {
    /// How far the reading of all manifests has come; nil before the first time.
    public func manifestPass() throws -> ManifestPass? {
        guard let text = try row(Statements.installationValue, .text(Self.manifestPassName))?.text(0) else {
            return nil
        }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let began = Int64(words[0]) else { return nil }
        return ManifestPass(
            beganAt: Timestamp(microseconds: began),
            last: try? Digest(String(words[1])),
            isOver: words[1] == "-"
        )
    }

    /// Records how far the reading of all manifests has come.
    public func setManifestPass(_ pass: ManifestPass) throws {
        let place = pass.isOver ? "-" : pass.last?.description ?? ""
        try run(Statements.deleteInstallationValue, .text(Self.manifestPassName))
        let value = SQLValue.text("\(pass.beganAt.microseconds) \(place)")
        try run(Statements.insertInstallationValue, .text(Self.manifestPassName), value)
    }

    private static let manifestPassName = "manifest_pass"
}

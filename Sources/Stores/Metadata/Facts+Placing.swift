public import OCI

/// What is known of the bytes of a blob that stands already, when others of the same digest are brought.
public enum StandingBytes: Sendable, Hashable {
    /// Nobody has looked at them.
    case unexamined
    /// They are whole, or nobody can tell.
    case whole
    /// They were found to be damaged under this key.
    case damaged(key: String)
}

/// A blob stands already whose bytes somebody has to look at, before it is known whether it stays.
public struct UnexaminedBlob: Error {
    /// The blob.
    public let blob: BlobFact
}

/// There is no upload of the id: it has ended.
public struct NoSuchUpload: Error {}

/// What became of a blob that was brought.
public struct BlobPlacement: Sendable, Hashable {
    /// The one that stands now: the one that was brought, or another one of its digest.
    public var standing: BlobFact
    /// The one in whose place it was put, whose bytes are the caller's to discard.
    public var replaced: BlobFact?
}

extension Facts {
    /// Ends an upload as a blob that its repository may read; a repository that is not there is made.
    ///
    /// A blob of the digest that is there already stands, and the bytes that were brought are the caller's to discard.
    /// Not so one that no repository may read, or that is damaged: what was just hashed is known to be whole, and is
    /// put in its place. So a push mends a blob whose bytes were found to be damaged, for every repository at once, and
    /// any other once it is deleted everywhere.
    ///
    /// All that is asked is asked at once, before it is known whether it is needed.
    ///
    /// - Parameters:
    ///   - id: The upload.
    ///   - blob: What it has become.
    ///   - repository: Who may read it.
    ///   - bytes: What is known of the bytes that stand already.
    /// - Returns: What became of it.
    /// - Throws: ``NoSuchUpload``; ``UnexaminedBlob``; what the database ran into. The transaction must end with it.
    public func finishUpload(
        _ id: String,
        as blob: BlobFact,
        in repository: RepositoryName,
        standing bytes: StandingBytes
    ) throws -> BlobPlacement {
        let questions = [
            Question(Statements.deleteUpload, [.text(id)]), Question(Statements.repository, [.name(repository)]),
        ]
        let quotas = ledger == nil ? [] : Self.quotasAlong(repository, linking: blob.digest)
        let answers = try connection.rows(of: questions + Self.questions(placing: blob) + quotas)
        guard answers.count >= 4, !answers[0].isEmpty else { throw NoSuchUpload() }
        let known = try answers[1].first.map { try Row($0).repository(0) }
        try learnQuotas(of: repository, known, linking: blob.digest, from: answers.dropFirst(4))
        let placement = try place(blob, answers[2].first.map(Row.init), answers[3].first.map(Row.init), bytes)
        if let known {
            try link(blob.digest, byteCount: placement.standing.byteCount, in: known, at: blob.storedAt)
            return placement
        }
        try insertRepository(repository, at: blob.storedAt)
        if let counted = try countRepository(repository) {
            try link(blob.digest, byteCount: placement.standing.byteCount, in: counted, at: blob.storedAt)
        } else {
            try post(Statements.linkByName, .name(repository), .digest(blob.digest), .time(blob.storedAt))
        }
        return placement
    }

    /// What is asked before a blob is placed: the one that stands, and what is taken by one that is new, noted at once.
    static func questions(placing blob: BlobFact) -> [Question] {
        [
            Question(Statements.standingBlob, [.digest(blob.digest)]),
            Question(Statements.insertUsageOfNew, [.digest(blob.digest), .integer(blob.byteCount)]),
        ]
    }

    /// Records a blob by what was answered to ``questions(placing:)``.
    func place(_ blob: BlobFact, _ standing: Row?, _ change: Row?, _ bytes: StandingBytes) throws -> BlobPlacement {
        let arguments: [SQLValue] = [
            .digest(blob.digest), .integer(blob.byteCount), .text(blob.key), .time(blob.storedAt),
        ]
        guard let standing, try standing.text(5) == "stored" else {
            // One that is not served gives its place up; its bytes are nobody's then.
            let old = try standing?.blob(from: 0)
            if let old, old.key != blob.key { try doomSpare(old) }
            try connection.post(Statements.insertBlob, arguments)
            if standing != nil { try forgetDamage(blob.digest, .blob) }
            try foldUsage(after: change)
            if change != nil { try countStored(byteCount: blob.byteCount, isBack: standing != nil) }
            return BlobPlacement(standing: blob, replaced: old)
        }
        let old = try standing.blob(from: 0)
        if try standing.integer(4) == 1, bytes != .damaged(key: old.key) {
            guard bytes != .unexamined else { throw UnexaminedBlob(blob: old) }
            try doomSpare(blob)
            return BlobPlacement(standing: old)
        }
        try doomSpare(old)
        try connection.post(Statements.replaceBlob, arguments)
        if old.byteCount != blob.byteCount { try addUsage(blobCount: 0, byteCount: blob.byteCount - old.byteCount) }
        return BlobPlacement(standing: blob, replaced: old)
    }

    /// Notes bytes that the caller removes as soon as this is committed, should it not come to that.
    private func doomSpare(_ blob: BlobFact) throws {
        try doom(DoomedKey(key: blob.key, digest: blob.digest, byteCount: blob.byteCount))
    }
}

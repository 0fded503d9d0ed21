public import OCI

extension Facts {
    /// Records an upload that begins.
    public func insertUpload(_ upload: UploadFact) throws {
        try post(
            Statements.insertUpload,
            .text(upload.id),
            .name(upload.repository),
            .text(upload.key),
            .integer(upload.byteCount),
            .blob(upload.hashState),
            .text(upload.algorithm.rawValue),
            .optional(upload.parts),
            .time(upload.startedAt),
            .time(upload.touchedAt),
            .text(upload.startedBy)
        )
    }

    /// An upload that was begun for a repository; nil when there is none, or it was begun for another.
    public func upload(_ id: String, in repository: RepositoryName) throws -> UploadFact? {
        try row(Statements.upload, .text(id), .name(repository)).map { try $0.upload() }
    }

    /// Moves the committed offset of an upload; false when it is not at `offset`, or there is no such upload.
    ///
    /// `parts` replaces what was recorded of them, unless it is nil.
    public func advanceUpload(
        _ id: String,
        from offset: Int64,
        to newOffset: Int64,
        hashState: [UInt8],
        parts: [UInt8]? = nil,
        at moment: Timestamp
    ) throws -> Bool {
        let changed = try run(
            Statements.advanceUpload,
            .text(id),
            .integer(offset),
            .integer(newOffset),
            .blob(hashState),
            .time(moment),
            .optional(parts)
        )
        return changed > 0
    }

    /// Forgets an upload that is given up; false when there is none.
    ///
    /// Its bytes may have been finished before, where nothing came to name them: what is under its key is doomed. That
    /// is a row more, for which a full disk has no room: without `dooming` such bytes stay, if there are any.
    public func deleteUpload(_ id: String, dooming: Bool = true) throws -> Bool {
        try doomKey(of: try row(Statements.deleteUpload, .text(id)), dooming)
    }

    /// The same with one that stands at `offset`; false when it stands elsewhere, or there is none.
    public func dropUpload(_ id: String, at offset: Int64, dooming: Bool = true) throws -> Bool {
        try doomKey(of: try row(Statements.dropUpload, .text(id), .integer(offset)), dooming)
    }

    /// Dooms what is under the key of an upload that was forgotten; false when none was.
    private func doomKey(of upload: Row?, _ dooming: Bool) throws -> Bool {
        guard let upload else { return false }
        if dooming { try doom(DoomedKey(key: try upload.text(0), digest: nil, byteCount: 0)) }
        return true
    }

    /// At most `limit` uploads that have not moved on since before a moment, those that rest the longest first.
    public func abandonedUploads(before moment: Timestamp, limit: Int) throws -> [UploadFact] {
        try rows(Statements.abandonedUploads, .time(moment), .count(limit)).map { try $0.upload() }
    }

    /// At most `limit` uploads after an id, in the order of their ids.
    public func uploads(after id: String?, limit: Int) throws -> [UploadFact] {
        try rows(Statements.uploads, .text(id ?? ""), .count(limit)).map { try $0.upload() }
    }
}

extension Row {
    fileprivate func upload() throws -> UploadFact {
        UploadFact(
            id: try text(0),
            repository: try name(1),
            key: try text(2),
            byteCount: try integer(3),
            hashState: try bytes(4),
            algorithm: try value(5, Digest.Algorithm.init(rawValue:)),
            parts: try optionalBytes(6),
            startedAt: try time(7),
            touchedAt: try time(8),
            startedBy: try text(9)
        )
    }
}

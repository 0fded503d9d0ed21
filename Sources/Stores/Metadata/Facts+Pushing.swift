public import OCI

/// What is there before a manifest is pushed, as far as the push depends on it: asked at once.
///
/// Good for one push in the transaction that asked: what it says of a tag is over once that has moved.
public struct PushOutlook {
    /// The blobs that the repository may not read, of those that were asked about, in their order.
    public fileprivate(set) var missing: [Digest]
    /// As what the manifest was pushed before; nil when it is new.
    let mediaType: String?
    /// The last move of each tag that has moved.
    let moves: [Tag: TagMove]
}

/// The last move of a tag: where it points now, and how often it has moved.
struct TagMove {
    /// Where it has come from nowhere.
    static let none = TagMove(digest: nil, version: 0)

    let digest: Digest?
    let version: Int64
}

extension Facts {
    /// Asks what a push of a manifest depends on: the blobs that it needs, itself, the tags that move to it.
    public func outlook(
        on digest: Digest,
        needing blobs: [Digest],
        tags: [Tag],
        in repository: RepositoryID
    ) throws -> PushOutlook {
        let links = blobs.map { Question(Statements.hasLink, [.id(repository), .digest($0)]) }
        let known = Question(Statements.manifestMediaType, [.id(repository), .digest(digest)])
        let moves = tags.map { Question(Statements.lastMove, [.id(repository), .name($0)]) }
        let answers = try connection.rows(of: links + [known] + moves).map { $0.first.map(Row.init) }
        let found = zip(tags, answers.suffix(tags.count)).compactMap { tag, row in row.map { (tag, $0) } }
        return PushOutlook(
            missing: zip(blobs, answers).filter { $0.1 == nil }.map(\.0),
            mediaType: try answers[blobs.count]?.text(0),
            moves: try Dictionary(found.map { ($0.0, try $0.1.move()) }) { first, _ in first }
        )
    }
}

extension Facts {
    /// Links what is missing again, as far as the collection has removed it only lately: the client may have been told
    /// just before that it is there.
    ///
    /// - Parameters:
    ///   - outlook: What was found to be missing; what was brought back is taken out.
    ///   - others: What the manifest names besides, of which nothing has to be there.
    ///   - repository: Where the manifest is pushed to.
    ///   - moment: When.
    /// - Throws: What the database ran into.
    public func recoverMissing(
        _ outlook: inout PushOutlook,
        and others: [Digest],
        in repository: RepositoryID,
        at moment: Timestamp
    ) throws {
        for digest in others {
            try post(Statements.recoverLink, .id(repository), .digest(digest), .time(moment))
        }
        guard !outlook.missing.isEmpty else { return }
        outlook.missing = try recoverLinks(to: outlook.missing, in: repository, at: moment)
    }
}

extension Row {
    /// Columns: digest, version.
    func move() throws -> TagMove {
        TagMove(digest: try optionalDigest(0), version: try integer(1))
    }
}

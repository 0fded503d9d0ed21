public import OCI

/// What is there before a manifest is pushed, as far as the push depends on it: asked at once.
///
/// Good for one push in the transaction that asked: what it says of a tag is over once that has moved.
public struct PushOutlook {
    /// The blobs that the repository may not read, of those that were asked about, in their order.
    public fileprivate(set) var missing: [Digest]
    /// As what the manifest was pushed before; nil when it is new.
    let mediaType: String?
    /// Whether its bytes, which are there already, were found to be damaged.
    let isDamaged: Bool
    /// Where the tags point, and what holds them there.
    public let tags: TagOutlook
}

/// The last move of a tag: where it points now, and how often it has moved.
struct TagMove: Sendable {
    /// Where it has come from nowhere.
    static let none = TagMove(digest: nil, version: 0)

    let digest: Digest?
    let version: Int64
}

extension Facts {
    /// Asks what a push of a manifest depends on: the blobs that it needs, itself, the tags that move to it with what
    /// holds them where they are.
    public func outlook(
        on digest: Digest,
        needing blobs: [Digest],
        tags: [Tag],
        in repository: RepositoryID,
        named name: RepositoryName
    ) throws -> PushOutlook {
        let links = blobs.map { Question(Statements.hasLink, [.id(repository), .digest($0)]) }
        let known = Question(Statements.manifestMediaType, [.id(repository), .digest(digest)])
        let guards = Self.questions(about: tags, in: repository, named: name)
        let answers = try connection.rows(of: links + [known] + guards)
        let standing = answers[blobs.count].first.map(Row.init)
        return PushOutlook(
            missing: zip(blobs, answers).filter(\.1.isEmpty).map(\.0),
            mediaType: try standing?.text(0),
            isDamaged: try standing?.integer(1) == 1,
            tags: try Self.outlook(on: tags, answers.dropFirst(blobs.count + 1))
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
        if try quotaStandings(of: repository).isEmpty {
            for digest in others {
                try post(Statements.recoverLink, .id(repository), .digest(digest), .time(moment))
            }
        } else if !others.isEmpty {
            _ = try recoverLinks(to: others, in: repository, at: moment)
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

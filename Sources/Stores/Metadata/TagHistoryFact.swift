import OCI

/// Some moves of a tag, and what is known of those that are forgotten.
public struct TagHistoryFact: Sendable {
    /// The moves and deletions, the newest first.
    public var events: [TagEvent]
    /// Before this moment all of a tag may have been forgotten, of whatever tag; nil where that never was.
    let wholeTagsForgottenBefore: Timestamp?

    /// The moment before which it is not known where the tag pointed, as the oldest of its moves tells that there is;
    /// nil where all of its history is there.
    public func forgottenBefore(_ oldest: TagEvent) -> Timestamp? {
        guard oldest.version == 1 else { return oldest.at }
        // The tag may have been there before, and all of that is forgotten.
        return wholeTagsForgottenBefore.map { min($0, oldest.at) }
    }
}

/// Where a move stands among those of all tags in the order of time.
struct TagHistoryPlace: Sendable, Hashable, LosslessStringConvertible {
    /// Before the first.
    static let start = TagHistoryPlace(at: Timestamp(microseconds: .min), repository: 0, name: "", version: 0)

    var at: Timestamp
    var repository: Int64
    var name: String
    var version: Int64

    init(at: Timestamp, repository: Int64, name: String, version: Int64) {
        (self.at, self.repository, self.name, self.version) = (at, repository, name, version)
    }

    /// Reads what ``description`` has written.
    init?(_ description: String) {
        let parts = description.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 4, let at = Int64(parts[0]), let repository = Int64(parts[1]),
            let version = Int64(parts[3])
        else { return nil }
        self.init(
            at: Timestamp(microseconds: at),
            repository: repository,
            name: String(parts[2]),
            version: version
        )
    }

    /// No tag has a space in its name.
    var description: String {
        "\(at.microseconds) \(repository) \(name) \(version)"
    }
}

/// Moves of tags that are older than what is kept, and of which nobody has looked yet at what came before them.
public struct AgedTagMoves: Sendable {
    /// One of them.
    struct Move: Sendable {
        var repository: RepositoryID
        var tag: Tag
        var version: Int64
        var at: Timestamp
        var isDeletion: Bool
    }

    /// Where they begin.
    let start: TagHistoryPlace
    /// Where they end.
    let end: TagHistoryPlace
    /// The last of each tag among them.
    let last: [Move]

    /// Nil where there are none.
    init?(after start: TagHistoryPlace, _ moves: [Move]) {
        guard let end = moves.last else { return nil }
        var places: [String: Int] = [:]
        var last: [Move] = []
        for move in moves {
            let key = "\(move.repository.number) \(move.tag)"
            if let place = places[key] {
                if last[place].version < move.version { last[place] = move }
            } else {
                places[key] = last.count
                last.append(move)
            }
        }
        self.start = start
        self.end = TagHistoryPlace(
            at: end.at,
            repository: end.repository.number,
            name: end.tag.description,
            version: end.version
        )
        self.last = last
    }
}

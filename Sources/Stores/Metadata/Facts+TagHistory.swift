public import OCI

/// What tags were, and how that is forgotten: in steps that are each one transaction of bounded size.
extension Facts {
    /// At most `limit` moves and deletions of a tag before a version, the newest first; nil is from the newest on.
    ///
    /// None where there is no such repository, too. The work is that of the page, however long the history is.
    public func history(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) throws -> TagHistoryFact {
        let rows = try rows(
            Statements.tagHistory,
            .name(repository),
            .name(tag),
            .integer(version ?? .max),
            .count(limit)
        )
        return TagHistoryFact(
            events: try rows.map { try $0.tagEvent() },
            wholeTagsForgottenBefore: try rows.first?.optionalText(5).flatMap(Self.moment)
        )
    }

    /// Before this moment all of a tag may have been forgotten; nil where that never was.
    public func tagsForgottenBefore() throws -> Timestamp? {
        try row(Statements.installationValue, .text(Self.tagsForgottenBefore))?.optionalText(0).flatMap(Self.moment)
    }

    /// At most `limit` moves of all tags that are as old as a time, the oldest first; nil where there are none.
    ///
    /// Those that ``forgetTagMoves(before:limit:)`` has gone through are not among them.
    public func agedTagMoves(asOldAs time: Duration, limit: Int) throws -> AgedTagMoves? {
        let place = try tagHistoryPlace()
        let found = try rows(
            Statements.agedTagEvents,
            .time(place.at),
            .integer(place.repository),
            .text(place.name),
            .integer(place.version),
            .integer(time.inMicroseconds),
            .count(limit)
        )
        return AgedTagMoves(
            after: place,
            try found.map { row in
                AgedTagMoves.Move(
                    repository: try row.repository(1),
                    tag: try row.tag(2),
                    version: try row.integer(3),
                    at: try row.time(0),
                    isDeletion: try row.optionalDigest(4) == nil
                )
            }
        )
    }

    /// Forgets what the tags were before some moves, and of a tag that was deleted and did not come back everything.
    ///
    /// What is left of a tag are always its newest moves, from one of them on: the oldest go first, and the last
    /// deletion, which says that the tag is not there, after all others. The moves count as gone through when nothing
    /// is left before any of them.
    ///
    /// - Parameters:
    ///   - moves: What ``agedTagMoves(asOldAs:limit:)`` gave; nothing is done where somebody has gone through them
    ///     since.
    ///   - limit: How many go at most.
    /// - Returns: How many went.
    /// - Throws: What the database ran into.
    public func forgetTagMoves(before moves: AgedTagMoves, limit: Int) throws -> Int {
        guard try tagHistoryPlace() == moves.start else { return 0 }
        var (count, forgottenBefore) = (0, try tagsForgottenBefore())
        let known = forgottenBefore
        for move in moves.last where count < limit {
            count += try forget(before: move, limit: limit - count)
            guard move.isDeletion, count < limit else { continue }
            let gone = try run(
                Statements.deleteLastDeletion,
                .id(move.repository),
                .name(move.tag),
                .integer(move.version)
            )
            count += gone
            if gone > 0 { forgottenBefore = max(forgottenBefore ?? move.at, move.at) }
        }
        if let forgottenBefore, forgottenBefore != known {
            let text = String(forgottenBefore.microseconds)
            try post(Statements.putInstallationValue, .text(Self.tagsForgottenBefore), .text(text))
        }
        // With as many as may go there may be more.
        guard count < limit else { return count }
        try post(Statements.putInstallationValue, .text(Self.tagHistoryPlaceName), .text(moves.end.description))
        return count
    }

    private func forget(before move: AgedTagMoves.Move, limit: Int) throws -> Int {
        guard move.version > 1 else { return 0 }
        return try run(
            Statements.deleteTagEventsBefore,
            .id(move.repository),
            .name(move.tag),
            .integer(move.version),
            .count(limit)
        )
    }

    /// Up to where the moves of all tags were gone through.
    private func tagHistoryPlace() throws -> TagHistoryPlace {
        let text = try row(Statements.installationValue, .text(Self.tagHistoryPlaceName))?.text(0)
        return text.flatMap { TagHistoryPlace($0) } ?? .start
    }

    private static func moment(_ text: String) -> Timestamp? {
        Int64(text).map(Timestamp.init(microseconds:))
    }

    /// The name stands in the text of a statement, too.
    private static let tagsForgottenBefore = "tags_forgotten_before"
    private static let tagHistoryPlaceName = "tag_history_place"
}

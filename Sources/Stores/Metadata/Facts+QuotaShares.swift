/// The room that a quota leaves, and who has it.
///
/// It is dealt out in shares, one for each connection, and a pool. A push takes from the share of its own connection,
/// in its own transaction: nothing that another push writes. Where that has too little it fetches some from the pool, a
/// small part of what is there, so that this comes seldom until little is left. That it has too little is found by a
/// rule of the schema, when the transaction would end: then all of it is done again, and asks first. Where the pool has
/// too little as well, all shares are emptied into it and the exact question is asked: only that refuses.
///
/// Invariants:
/// - What is used by all shares, and the room of all of them and of the pool, are together the limit.
/// - No share has less room than none; the pool has, where a limit was lowered below what is used.
/// - What goes gives its room to the pool, so that it pays off first what is too much. What comes back into service
///   without being asked takes its room from there, and may leave less than none.
extension Facts {
    /// How many shares there are, besides the pool: more than connections that push into one project at once.
    static let shareCount: Int64 = 32

    /// Counts what a transaction has noted; throws ``QuotaExceeded`` where it would be too much.
    func settleQuotas() throws {
        guard let ledger else { return }
        // In the same order everywhere, so that no two wait for each other.
        let changes = ledger.changes.values.filter { $0.amounts != .none }.sorted { $0.standing.id < $1.standing.id }
        guard !changes.isEmpty else { return }
        for change in changes where change.pooled != .none {
            try connection.post(
                Statements.growPool,
                [.integer(change.standing.id.number)] + change.pooled.arguments
            )
        }
        guard ledger.asksFirst else {
            for change in changes { try connection.post(Statements.takeShareUnasked, change.arguments) }
            return
        }
        let answers = try connection.rows(
            of: changes.map { Question(Statements.takeShare, $0.arguments) }
        )
        for (change, taken) in zip(changes, answers) where taken.isEmpty { try fetchRoom(for: change) }
    }

    /// Takes what the share of this connection has too little of from the pool, and a part of the rest with it.
    private func fetchRoom(for change: QuotaLedger.Change) throws {
        let quota = SQLValue.integer(change.standing.id.number)
        var rooms: [Int64: QuotaAmounts] = [:]
        for row in try rows(Statements.shareAndPool, quota) {
            rooms[try row.integer(0)] = try row.quotaAmounts(from: 1)
        }
        guard let pool = rooms.removeValue(forKey: -1), let own = rooms.first?.value else {
            throw MetadataError(.corrupt, "the quota \(change.standing.id.number) has no shares")
        }
        let missing = QuotaAmounts.none.map { max(0, change.taken[$0] - own[$0]) }
        guard QuotaMeasure.allCases.allSatisfy({ missing[$0] == 0 || pool[$0] >= missing[$0] }) else {
            return try recallRoom(for: change)
        }
        let fetched = missing.map { measure in
            guard missing[measure] > 0 else { return 0 }
            return missing[measure] + (pool[measure] - missing[measure]) / (2 * Self.shareCount)
        }
        try connection.post(Statements.growPool, [quota] + (QuotaAmounts.none - fetched).arguments)
        try connection.post(
            Statements.growShare,
            [quota] + change.amounts.arguments + (fetched - change.taken).arguments
        )
    }

    /// Empties all shares into the pool, and takes from that; refuses where all of it is too little.
    private func recallRoom(for change: QuotaLedger.Change) throws {
        let (quota, limits) = (SQLValue.integer(change.standing.id.number), change.standing.limits)
        let used = try quotaUsed(change.standing.id)
        let room = limits.room(beside: used)
        for measure in QuotaMeasure.allCases where change.taken[measure] > max(0, room[measure]) {
            throw QuotaExceeded(
                scope: change.standing.scope,
                measure: measure,
                limit: limits[measure] ?? 0,
                used: used[measure],
                wanted: change.taken[measure],
                countsTrash: change.standing.countsTrash
            )
        }
        try post(Statements.emptyShares, quota)
        try connection.post(Statements.setPool, [quota] + (room + change.pooled - change.taken).arguments)
        try connection.post(Statements.lowerShare, [quota] + change.amounts.arguments)
    }

    /// What is used, exactly: no transaction that counts can come between this and the end of this one.
    func quotaUsed(_ id: QuotaID) throws -> QuotaAmounts {
        var used = QuotaAmounts.none
        for row in try rows(Statements.quotaShares, .integer(id.number)) {
            used = used + (try row.quotaAmounts(from: 1))
        }
        return used
    }

    /// Deals all room out anew, by limits that have changed or hold from now on.
    func resetRoom(of id: QuotaID, to limits: QuotaLimits) throws {
        let used = try quotaUsed(id)
        try post(Statements.emptyShares, .integer(id.number))
        try connection.post(Statements.setPool, [.integer(id.number)] + limits.room(beside: used).arguments)
    }
}

extension MetadataError {
    /// Whether a share had too little room, which was not asked before.
    var isLackOfRoom: Bool { code == .constraint && message.contains("room_") }
}

extension QuotaLedger.Change {
    /// The quota, what changes, and what needs room.
    fileprivate var arguments: [SQLValue] {
        [.integer(standing.id.number)] + amounts.arguments + taken.arguments
    }

    /// What needs room.
    fileprivate var taken: QuotaAmounts {
        amounts.map { standing.limits[$0] == nil ? 0 : max(0, amounts[$0] - owed[$0]) }
    }

    /// What the pool gets back, less what is taken from it in any case.
    fileprivate var pooled: QuotaAmounts {
        amounts.map { standing.limits[$0] == nil ? 0 : max(0, owed[$0] - amounts[$0]) - owed[$0] }
    }
}

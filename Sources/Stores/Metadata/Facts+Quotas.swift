public import OCI

/// Quotas as they are set and read.
extension Facts {
    /// The quota of a scope; nil when there is none.
    public func quota(of scope: QuotaScope) throws -> QuotaFact? {
        try row(Statements.quotaOfScope, .text(scope.description)).map { try quota($0) }
    }

    /// At most `limit` quotas after a scope, in the order of their scopes as they are kept, whether there is one of it
    /// or not; nil begins with that of the installation.
    public func quotas(after scope: String?, limit: Int) throws -> [QuotaFact] {
        var found: [QuotaFact] = []
        if scope == nil, let first = try quota(of: .installation) { found.append(first) }
        var last = scope ?? ""
        while found.count < limit {
            let rows = try rows(Statements.quotas, .text(last), .count(limit - found.count))
            // What is removed stands among the others until it is cleared away.
            found += try rows.filter { try $0.text(2) != "removed" }.map { try quota($0) }
            guard rows.count > 0, let end = rows.last else { break }
            last = try end.text(1)
        }
        return found
    }

    /// Sets how much there may be in a scope, and whether what only the trash needs counts.
    ///
    /// For the installation the trash always counts: its bytes are there. Where it counts and did not, or the other way
    /// round, there is a new quota, and the old one has to be cleared away: ``clearQuotas(limit:)``.
    ///
    /// Of a new quota nothing is refused until all that is there already is counted: ``countQuota(_:limit:)``. Limits
    /// below what is used refuse all that is new until enough has gone.
    ///
    /// - Returns: The quota as it is now.
    /// - Throws: What the database ran into.
    public func setQuota(
        of scope: QuotaScope,
        to limits: QuotaLimits,
        warnPercent: Int64,
        countsTrash: Bool = true
    ) throws -> QuotaFact {
        let countsTrash = countsTrash || scope == .installation
        if let known = try quota(of: scope), known.countsTrash == countsTrash {
            let id = SQLValue.integer(known.id.number)
            try connection.post(Statements.setQuotaLimits, [id] + limits.arguments + [.integer(warnPercent)])
            if known.isCounted { try resetRoom(of: known.id, to: limits) }
        } else {
            _ = try deleteQuota(of: scope)
            try insertQuota(of: scope, limits, warnPercent, countsTrash)
        }
        ledger?.forget()
        guard let set = try quota(of: scope) else {
            throw MetadataError(.corrupt, "the quota of \(scope.phrase) was set and is not there")
        }
        return set
    }

    private func insertQuota(
        of scope: QuotaScope,
        _ limits: QuotaLimits,
        _ warnPercent: Int64,
        _ countsTrash: Bool
    ) throws {
        let arguments =
            [.text(scope.description)] + limits.arguments + [.integer(warnPercent), .integer(countsTrash ? 1 : 0)]
        guard let made = try connection.rows(Statements.insertQuota, arguments).first else {
            throw MetadataError(.corrupt, "the quota of \(scope.phrase) was made and has no number")
        }
        let id = SQLValue.integer(try Row(made).integer(0))
        for number in -1..<Self.shareCount { try post(Statements.insertQuotaShare, id, .integer(number)) }
        guard scope == .installation else { return }
        // What all blobs take is known already, and nobody can change it before this is committed.
        let stored = QuotaAmounts(bytes: try usage().byteCount)
        try connection.post(Statements.lowerShare, [id] + stored.arguments)
    }

    /// Ends a quota; false when there is none.
    ///
    /// What is left of it has to be cleared away: ``clearQuotas(limit:)``.
    public func deleteQuota(of scope: QuotaScope) throws -> Bool {
        guard let known = try quota(of: scope) else { return false }
        try post(Statements.removeQuota, .integer(known.id.number))
        ledger?.forget()
        return true
    }

    /// Refuses a blob for which a repository has no room, before its bytes are brought.
    ///
    /// What counts already in a scope takes nothing more there. For the installation only the links of the repository
    /// itself say so here: who pushes is not told by this what others have stored. Nothing is held for the others:
    /// whether there is room is decided when they are committed.
    ///
    /// - Returns: Whether any quota holds for the repository.
    /// - Throws: ``QuotaExceeded``; what the database ran into.
    public func requireRoom(for digest: Digest, byteCount: Int64, in repository: RepositoryName) throws -> Bool {
        let answers = try connection.rows(of: Self.quotasAlong(repository)).joined()
        for standing in try answers.map({ try Row($0).quotaStanding() }) {
            guard let limit = standing.limits.bytes, try !isCounted(digest, in: repository, standing) else { continue }
            let used = try row(Statements.quotaUsed, .integer(standing.id.number))?.quotaAmounts(from: 0) ?? .none
            guard byteCount > max(0, limit - used.bytes) else { continue }
            throw QuotaExceeded(
                scope: standing.scope,
                measure: .bytes,
                limit: limit,
                used: used.bytes,
                wanted: byteCount,
                countsTrash: standing.countsTrash,
                freeable: try freeable(of: standing.scope)
            )
        }
        return !answers.isEmpty
    }

    private func isCounted(_ digest: Digest, in repository: RepositoryName, _ standing: QuotaStanding) throws -> Bool {
        guard !standing.keepsLinks else {
            return try row(Statements.quotaLink, .integer(standing.id.number), .digest(digest)) != nil
        }
        // What is damaged is linked as well, and a push is what mends it.
        guard let repository = try self.repository(repository) else { return false }
        return try row(Statements.linkRow, .id(repository), .digest(digest)) != nil
    }

    // MARK: Warnings

    /// Notes of a quota whether it is used to more than is warned from, and tells who listens, once for each crossing.
    ///
    /// - Returns: Whether it has crossed that part upwards since this was asked last.
    /// - Throws: What the database ran into.
    public func noteFullness(of scope: QuotaScope) throws -> Bool {
        guard let quota = try quota(of: scope), quota.isCounted else { return false }
        let isOver = quota.fullest.map { $0.percent >= quota.warnPercent } ?? false
        guard isOver != (quota.warnedAt != nil) else { return false }
        try post(Statements.setQuotaWarned, .integer(quota.id.number), .integer(isOver ? 1 : 0))
        guard isOver, let fullest = quota.fullest else { return false }
        let subject = "quota:\(scope == .installation ? "installation" : scope.description)"
        let details = """
            {"limit":\(quota.limits[fullest.measure] ?? 0),"measure":"\(fullest.measure)","percent":\(fullest.percent),\
            "used":\(quota.used[fullest.measure])}
            """
        try post(Statements.insertQuotaEvent, .text(subject), .text(details))
        return true
    }

    private func quota(_ row: Row) throws -> QuotaFact {
        let id = QuotaID(number: try row.integer(0))
        return QuotaFact(
            id: id,
            scope: try row.value(1, QuotaScope.init),
            limits: try row.quotaLimits(from: 3),
            warnPercent: try row.integer(8),
            countsTrash: try row.integer(7) == 1,
            isCounted: try row.text(2) == "counted",
            position: try row.text(6),
            used: try self.row(Statements.quotaUsed, .integer(id.number))?.quotaAmounts(from: 0) ?? .none,
            warnedAt: try row.optionalTime(9)
        )
    }
}

import OCI

/// Repositories that come back from the trash under a name that other quotas are of.
///
/// In the trash a repository counts where it did, since what counts it goes by its number; but not in quotas that the
/// trash does not count in. Only where its new name is in other scopes, or in such, or quotas were set meanwhile, is it
/// counted anew: in one transaction, so that it finds room, or is refused.
extension Facts {
    private static let countMax = 500

    /// Counts a repository where its new name is, and no more where its old one was.
    func countMove(of repository: RepositoryID, to name: RepositoryName) throws {
        guard let ledger else { return }
        let before = try quotaStandings(of: repository)
        let answers = try connection.rows(of: Self.quotasAlong(name))
        try learnQuotas(of: name, repository, from: answers)
        let after = ledger.standings[repository] ?? []
        for standing in before where !after.contains(where: { $0.id == standing.id }) {
            try takeOut(repository, of: standing)
        }
        for standing in after where standing.position != QuotaStanding.end {
            try bring(repository, into: standing)
        }
        ledger.standings[repository] = nil
    }

    private func bring(_ repository: RepositoryID, into standing: QuotaStanding) throws {
        let id = SQLValue.integer(standing.id.number)
        if standing.position == nil {
            try post(Statements.insertQuotaMember, .id(repository), id, .text(""))
            ledger?.add(QuotaAmounts(repositories: 1), to: standing)
        }
        let counting = QuotaCounting(standing: standing, repository: repository) { ledger?.add($0, to: standing) }
        var place = standing.position ?? ""
        while place != QuotaStanding.end { place = try advance(counting, from: place, limit: Self.countMax).place }
        try post(Statements.setQuotaMember, .id(repository), id, .text(place))
    }

    func takeOut(_ repository: RepositoryID, of standing: QuotaStanding) throws {
        let rows = CountedRows(facts: self, repository: repository, standing: standing, limit: Self.countMax)
        var amounts = QuotaAmounts.none
        if standing.position != nil { amounts = amounts - QuotaAmounts(repositories: 1) }
        // For the installation a blob counts once, whoever links it; it has all repositories, and none moves out of it.
        try rows.each(Statements.linksToCount, { .blob(try $0.digest(0)) }) { links in
            amounts = amounts - QuotaAmounts(bytes: try takeOut(links, of: repository, standing))
        }
        try rows.each(Statements.manifestsToCount, { .manifest(try $0.digest(0)) }) { manifests in
            amounts = amounts - QuotaAmounts(bytes: try manifests.reduce(0) { try $0 + $1.integer(1) })
        }
        try rows.each(Statements.tagsToCount, { .tag(try $0.tag(0)) }) { tags in
            amounts = amounts - QuotaAmounts(tags: Int64(tags.count))
        }
        ledger?.add(amounts, to: standing)
        try post(Statements.deleteQuotaMember, .id(repository), .integer(standing.id.number))
    }

    /// Forgets that links of a repository count in a quota; says how many bytes do not by any other.
    private func takeOut(_ links: [Row], of repository: RepositoryID, _ standing: QuotaStanding) throws -> Int64 {
        let id = SQLValue.integer(standing.id.number)
        let links = try counted(links, of: repository, in: standing)
        let others = try connection.rows(
            of: links.map { Question(Statements.quotaLinkElsewhere, [id, .text(try $0.text(0)), .id(repository)]) }
        )
        var byteCount: Int64 = 0
        for (row, others) in zip(links, others) {
            if others.isEmpty { byteCount += try row.integer(1) }
            guard standing.keepsLinks else { continue }
            try post(Statements.deleteQuotaLink, id, .digest(try row.digest(0)), .id(repository))
        }
        return byteCount
    }
}

/// The rows of a repository that count in a quota.
private struct CountedRows {
    let facts: Facts
    let repository: RepositoryID
    let standing: QuotaStanding
    let limit: Int

    /// Passes on the rows of a kind, some at a time.
    func each(_ statement: Statement, _ item: (Row) throws -> QuotaItem, _ body: ([Row]) throws -> Void) throws {
        var last = ""
        while true {
            let found = try facts.rows(statement, .id(repository), .text(last), .count(limit))
            try body(try found.filter { standing.counts(try item($0)) })
            guard found.count == limit, let end = found.last else { return }
            last = try end.text(0)
        }
    }
}

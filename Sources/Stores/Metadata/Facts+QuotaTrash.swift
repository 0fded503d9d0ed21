import OCI

/// Quotas that the trash does not count in.
///
/// There a link counts as long as it has a row of `quota_link`, in the quota of a project as in that of a repository:
/// - It gets one when it is made or renewed, and when a manifest comes, or comes back, that names the blob.
/// - It loses it when nothing but the trash needs it any more, and when it goes itself.
/// - What is purged from the trash does not come to count again: nothing needs the link, and it has no row.
/// - A repository that goes to the trash is taken out whole, and is brought in when it comes back.
extension Facts {
    /// Counts a link that is there, and is renewed, where it does not count.
    func countRenewedLink(_ digest: Digest, in repository: RepositoryID) throws {
        for standing in try linkStandings(digest, in: repository) where !standing.countsTrash {
            let id = SQLValue.integer(standing.id.number)
            let answers = try connection.rows(of: [
                Question(Statements.ownQuotaLink, [id, .digest(digest), .id(repository)]),
                Question(Statements.quotaLink, [id, .digest(digest)]),
                Question(Statements.blobSize, [.digest(digest)]),
            ])
            guard answers[0].isEmpty, let size = answers[2].first else { continue }
            try add(digest, Row(size).integer(0), in: repository, to: standing, isCounted: !answers[1].isEmpty)
            ledger?.forgetLooks(of: repository)
        }
    }

    /// Counts the links of what a manifest names, where they do not count: it has come, or is back from the trash.
    func countNamed(by manifest: Digest, in repository: RepositoryID) throws {
        try eachLink(of: manifest, in: repository, Statements.namedLinks) { link, standing in
            guard try link.integer(2) < 2 else { return }
            let isElsewhere = try link.integer(2) == 1
            try add(link.digest(0), link.integer(1), in: repository, to: standing, isCounted: isElsewhere)
        }
    }

    /// Lets the links count no more that only the trash needs once a manifest is gone: while it is still known what it
    /// names.
    func countSpared(by manifest: Digest, in repository: RepositoryID) throws {
        try eachLink(of: manifest, in: repository, Statements.spareLinks) { link, standing in
            if try link.integer(2) == 0 { ledger?.add(QuotaAmounts(bytes: -(try link.integer(1))), to: standing) }
            try post(Statements.deleteQuotaLink, .integer(standing.id.number), .digest(link.digest(0)), .id(repository))
        }
    }

    /// Takes a repository that goes to the trash out of the quotas that it does not count in there.
    func countTrashed(_ repository: RepositoryID) throws {
        for standing in try quotaStandings(of: repository) where !standing.countsTrash && standing.position != nil {
            try takeOut(repository, of: standing)
        }
        ledger?.standings[repository] = nil
    }

    /// Those of some links that count: all of them, but where the trash does not.
    func counted(_ links: [Row], of repository: RepositoryID, in standing: QuotaStanding) throws -> [Row] {
        guard !standing.countsTrash else { return links }
        let answers = try connection.rows(
            of: links.map {
                Question(
                    Statements.ownQuotaLink,
                    [.integer(standing.id.number), .text(try $0.text(0)), .id(repository)]
                )
            }
        )
        return zip(links, answers).filter { !$0.1.isEmpty }.map(\.0)
    }

    /// Passes on the links that a statement finds, each once, in each quota that the trash does not count in.
    private func eachLink(
        of manifest: Digest,
        in repository: RepositoryID,
        _ statement: Statement,
        _ body: (Row, QuotaStanding) throws -> Void
    ) throws {
        let standings = try quotaStandings(of: repository).filter { !$0.countsTrash && $0.position != nil }
        guard !standings.isEmpty else { return }
        ledger?.forgetLooks(of: repository)
        let answers = try connection.rows(
            of: standings.map {
                Question(statement, [.id(repository), .digest(manifest), .integer($0.id.number)])
            }
        )
        for (standing, links) in zip(standings, answers) {
            var seen: Set<Digest> = []
            for link in links.map(Row.init) {
                let digest = try link.digest(0)
                guard standing.counts(.blob(digest)), seen.insert(digest).inserted else { continue }
                try body(link, standing)
            }
        }
    }
}

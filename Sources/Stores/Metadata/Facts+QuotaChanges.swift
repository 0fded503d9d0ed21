import OCI

/// What pushes and deletions change of what is used: noted as they go, and counted at the end of the transaction.
///
/// Where no quota is, a transaction asks so in a round trip that it has anyway, and nothing else happens.
extension Facts {
    // MARK: Which quotas

    /// Asks for the quotas of all scopes that a repository is in, whether it is there or not.
    ///
    /// - Parameters:
    ///   - name: The repository.
    ///   - digest: A blob that it is going to link, if one is.
    /// - Returns: The questions.
    static func quotasAlong(_ name: RepositoryName, linking digest: Digest? = nil) -> [Question] {
        var rest = QuotaScope.containing(name).map(\.description)[...]
        var questions: [Question] = []
        while let last = rest.last {
            let keys = rest.prefix(8)
            rest = rest.dropFirst(8)
            // What is left over names one of them again.
            let padded = keys + Array(repeating: last, count: 8 - keys.count)
            let arguments = [.name(name)] + padded.map(SQLValue.text)
            questions.append(
                digest.map { Question(Statements.quotasAlongBlob, arguments + [.digest($0)]) }
                    ?? Question(Statements.quotasAlong, arguments)
            )
        }
        return questions
    }

    /// Remembers what ``quotasAlong(_:)`` was answered.
    func learnQuotas(
        of name: RepositoryName,
        _ id: RepositoryID?,
        linking digest: Digest? = nil,
        from answers: some Sequence<[[SQLValue]]>
    ) throws {
        guard let ledger else { return }
        var seen: Set<QuotaID> = []
        let standings = try answers.joined().map { try Row($0).quotaStanding(linking: digest) }
            .filter { seen.insert($0.id).inserted }
        ledger.along[name] = standings
        ledger.installation = .some(standings.first { $0.scope == .installation })
        if let id { ledger.standings[id] = standings }
    }

    /// The quotas in which the content of a repository counts.
    func quotaStandings(of repository: RepositoryID) throws -> [QuotaStanding] {
        guard let ledger else { return [] }
        if let known = ledger.standings[repository] { return known }
        let found = try rows(Statements.quotasOfRepository, .id(repository)).compactMap { row in
            // What is removed has a scope that is none.
            try row.text(2) == "removed" ? nil : try row.quotaStanding()
        }
        ledger.standings[repository] = found
        return found
    }

    private func installationStanding() throws -> QuotaStanding? {
        guard let ledger else { return nil }
        if let known = ledger.installation { return known }
        let found = try row(Statements.quotaOfScope, .text("")).map { try $0.quotaStanding() }
        ledger.installation = .some(found)
        return found
    }

    // MARK: What changes

    /// Lets a repository that was just made be counted, in all scopes that it is in; whether it is in any.
    func countRepository(_ name: RepositoryName) throws -> RepositoryID? {
        guard let ledger, let along = ledger.along[name], !along.isEmpty else { return nil }
        guard let id = try row(Statements.repository, .name(name))?.repository(0) else { return nil }
        ledger.standings[id] = try along.map { standing in
            var standing = standing
            try post(
                Statements.insertQuotaMember,
                .id(id),
                .integer(standing.id.number),
                .text(QuotaStanding.end)
            )
            standing.position = QuotaStanding.end
            ledger.add(QuotaAmounts(repositories: 1), to: standing)
            return standing
        }
        return id
    }

    /// Counts that a repository goes, of which nothing is left but itself.
    func countRepositoryGone(_ repository: RepositoryID) throws {
        for standing in try quotaStandings(of: repository) where standing.position != nil {
            ledger?.add(QuotaAmounts(repositories: -1), to: standing)
        }
        try post(Statements.deleteMembersOf, .id(repository))
    }

    /// Counts a link that is to be made, if it is not there; asks what is not known of the blob.
    func countLink(_ digest: Digest, byteCount: Int64? = nil, in repository: RepositoryID) throws {
        let standings = try linkStandings(digest, in: repository)
        guard !standings.isEmpty else { return }
        let looks = standings.compactMap { $0.look?.digest == digest ? $0.look : nil }
        guard looks.count == standings.count, let byteCount else {
            let isNew = try row(Statements.linkRow, .id(repository), .digest(digest)) == nil
            return try isNew ? countNewLink(digest, in: repository) : countRenewedLink(digest, in: repository)
        }
        ledger?.forgetLooks(of: repository)
        for (standing, look) in zip(standings, looks) where !look.isLinked {
            try add(digest, byteCount, in: repository, to: standing, isCounted: look.isCounted)
        }
    }

    /// Counts a link that has just been made, or will be, and was not there.
    func countNewLink(_ digest: Digest, in repository: RepositoryID) throws {
        let standings = try linkStandings(digest, in: repository)
        guard !standings.isEmpty else { return }
        ledger?.forgetLooks(of: repository)
        let answers = try connection.rows(
            of: [Question(Statements.blobSize, [.digest(digest)])]
                + standings.map { Question(Statements.quotaLink, [.integer($0.id.number), .digest(digest)]) }
        )
        guard let byteCount = try answers.first?.first.map({ try Row($0).integer(0) }) else { return }
        for (standing, others) in zip(standings, answers.dropFirst()) {
            try add(digest, byteCount, in: repository, to: standing, isCounted: !others.isEmpty)
        }
    }

    func add(
        _ digest: Digest,
        _ byteCount: Int64,
        in repository: RepositoryID,
        to standing: QuotaStanding,
        isCounted: Bool
    ) throws {
        if !isCounted { ledger?.add(QuotaAmounts(bytes: byteCount), to: standing) }
        guard standing.keepsLinks else { return }
        try post(Statements.insertQuotaLink, .integer(standing.id.number), .digest(digest), .id(repository))
    }

    /// Counts that a link goes, which is still there.
    func countUnlink(_ digest: Digest, in repository: RepositoryID) throws {
        let standings = try linkStandings(digest, in: repository)
        guard let ledger, !standings.isEmpty else { return }
        ledger.forgetLooks(of: repository)
        let sparing = standings.filter { !$0.countsTrash }
        let questions = [
            Question(Statements.linkRow, [.id(repository), .digest(digest)]),
            Question(Statements.blobSize, [.digest(digest)]),
        ]
        let answers = try connection.rows(
            of: questions
                + standings.map {
                    Question(Statements.quotaLinkElsewhere, [.integer($0.id.number), .digest(digest), .id(repository)])
                }
                + sparing.map {
                    Question(Statements.ownQuotaLink, [.integer($0.id.number), .digest(digest), .id(repository)])
                }
        )
        guard !answers[0].isEmpty, let byteCount = try answers[1].first.map({ try Row($0).integer(0) }) else { return }
        let uncounted = zip(sparing, answers.suffix(sparing.count)).filter(\.1.isEmpty).map(\.0.id)
        for (standing, others) in zip(standings, answers.dropFirst(2)) where !uncounted.contains(standing.id) {
            if others.isEmpty { ledger.add(QuotaAmounts(bytes: -byteCount), to: standing) }
            guard standing.keepsLinks else { continue }
            try post(Statements.deleteQuotaLink, .integer(standing.id.number), .digest(digest), .id(repository))
        }
    }

    /// Counts a manifest that comes, or goes.
    func countManifest(_ digest: Digest, byteCount: Int64, in repository: RepositoryID) throws {
        try count(QuotaAmounts(bytes: byteCount), .manifest(digest), in: repository)
    }

    /// Counts that a manifest goes, whose content is still there.
    func countManifestGone(_ digest: Digest, in repository: RepositoryID) throws {
        try countManifest(digest, times: -1, in: repository)
    }

    /// Counts a manifest that came back, whose content was there all the time.
    func countManifestBack(_ digest: Digest, in repository: RepositoryID) throws {
        try countManifest(digest, times: 1, in: repository)
    }

    private func countManifest(_ digest: Digest, times factor: Int64, in repository: RepositoryID) throws {
        guard try !quotaStandings(of: repository).isEmpty else { return }
        guard let byteCount = try row(Statements.contentSize, .digest(digest))?.integer(0) else { return }
        try countManifest(digest, byteCount: factor * byteCount, in: repository)
    }

    /// Counts a tag that comes, or goes.
    func countTag(_ tag: Tag, _ number: Int64, in repository: RepositoryID) throws {
        try count(QuotaAmounts(tags: number), .tag(tag), in: repository)
    }

    /// Counts what blobs take for the installation; what comes back into service does so whether there is room or not.
    func countStored(byteCount: Int64, isBack: Bool = false) throws {
        guard byteCount != 0, let ledger, let standing = try installationStanding() else { return }
        ledger.add(QuotaAmounts(bytes: byteCount), to: standing, isOwed: isBack)
    }

    private func count(_ amounts: QuotaAmounts, _ item: QuotaItem, in repository: RepositoryID) throws {
        for standing in try quotaStandings(of: repository) where standing.counts(item) {
            ledger?.add(amounts, to: standing)
        }
    }

    /// Those quotas of a repository in which its link of a blob counts: for the installation the blob itself does.
    func linkStandings(_ digest: Digest, in repository: RepositoryID) throws -> [QuotaStanding] {
        try quotaStandings(of: repository).filter { $0.scope != .installation && $0.counts(.blob(digest)) }
    }
}

extension Row {
    /// Columns: number, scope, state, three limits, position, whether the trash counts;
    /// and of a blob whether it counts (1) and the link of the repository does (2).
    func quotaStanding(linking digest: Digest? = nil) throws -> QuotaStanding {
        let isCounted = try text(2) == "counted"
        return QuotaStanding(
            id: QuotaID(number: try integer(0)),
            scope: try value(1, QuotaScope.init),
            limits: isCounted ? try quotaLimits(from: 3) : QuotaLimits(),
            countsTrash: try integer(7) == 1,
            position: try optionalText(6),
            look: try digest.map {
                let look = try integer(8)
                return QuotaStanding.BlobLook(digest: $0, isCounted: look & 1 != 0, isLinked: look & 2 != 0)
            }
        )
    }

    func quotaLimits(from column: Int) throws -> QuotaLimits {
        QuotaLimits(
            bytes: try optionalInteger(column),
            tags: try optionalInteger(column + 1),
            repositories: try optionalInteger(column + 2)
        )
    }

    func quotaAmounts(from column: Int) throws -> QuotaAmounts {
        QuotaAmounts(
            bytes: try integer(column),
            tags: try integer(column + 1),
            repositories: try integer(column + 2)
        )
    }
}

import OCI

/// Counting what was there before a quota, in steps: each is a transaction of bounded size, and may be the last one
/// before a crash.
///
/// Up to where each repository is counted stands in the facts. What comes or goes before that place counts at once;
/// what comes or goes behind it is counted, or not found, when the place gets there. So usage is exact at every moment
/// for what is counted, while everything runs.
extension Facts {
    /// The quota that has waited longest to be counted; nil where all are.
    public func quotaToCount() throws -> QuotaID? {
        try row(Statements.countingQuota).map { QuotaID(number: try $0.integer(0)) }
    }

    /// Goes on with counting for a quota; its limits hold from the transaction on that ends it.
    ///
    /// - Parameters:
    ///   - id: The quota.
    ///   - limit: How many rows are counted at most.
    /// - Returns: How many rows were looked at; nil where all is counted.
    /// - Throws: What the database ran into.
    public func countQuota(_ id: QuotaID, limit: Int) throws -> Int? {
        guard let row = try row(Statements.countingQuotaAt, .integer(id.number)) else { return nil }
        let (scope, position) = (try row.value(0, QuotaScope.init), try row.text(1))
        let countsTrash = try row.integer(2) == 1
        guard let (next, place) = try nextToCount(in: scope, after: position, countsTrash) else {
            try post(Statements.endQuotaCounting, .integer(id.number))
            guard let quota = try quota(of: scope) else { return nil }
            try resetRoom(of: id, to: quota.limits)
            return nil
        }
        guard let repository = next else {
            try post(Statements.setQuotaPosition, .integer(id.number), .text(place))
            return 0
        }
        let member = try self.row(Statements.quotaMember, .id(repository), .integer(id.number))?.text(0)
        if member == nil {
            try post(Statements.insertQuotaMember, .id(repository), .integer(id.number), .text(""))
            try addUncapped(QuotaAmounts(repositories: 1), to: id)
        }
        let standing = QuotaStanding(
            id: id,
            scope: scope,
            limits: QuotaLimits(),
            countsTrash: countsTrash,
            position: member ?? ""
        )
        let counting = QuotaCounting(standing: standing, repository: repository) { try addUncapped($0, to: id) }
        let (end, count) = try advance(counting, from: member ?? "", limit: limit)
        if end != member {
            try post(Statements.setQuotaMember, .id(repository), .integer(id.number), .text(end))
        }
        if end == QuotaStanding.end { try post(Statements.setQuotaPosition, .integer(id.number), .text(place)) }
        return count
    }

    /// Goes on with clearing away what is left of a quota that was removed, at most so many rows of each kind; false
    /// where nothing is left of any.
    public func clearQuotas(limit: Int) throws -> Bool {
        guard let id = try row(Statements.removedQuota).map({ SQLValue.integer(try $0.integer(0)) }) else {
            return false
        }
        if try run(Statements.deleteQuotaLinks, id, .count(limit)) > 0 { return true }
        if try run(Statements.deleteQuotaMembers, id, .count(limit)) > 0 { return true }
        try post(Statements.deleteQuotaShares, id)
        try post(Statements.deleteQuota, id)
        return true
    }

    /// The first repository of a scope behind a place that was counted, and its own place.
    ///
    /// Those that are there come by name, then those in the trash, so that one that goes there uncounted is still to
    /// come. Nil stands for a project in the trash, which is no repository and has its place.
    private func nextToCount(
        in scope: QuotaScope,
        after place: String,
        _ countsTrash: Bool
    ) throws -> (RepositoryID?, place: String)? {
        let last = TrashPlace(place)
        if last == nil, let next = try nextRepository(in: scope, after: place) { return next }
        return countsTrash ? try nextTrashed(in: scope, after: last) : nil
    }

    private func nextTrashed(in scope: QuotaScope, after last: TrashPlace?) throws -> (RepositoryID?, place: String)? {
        for range in scope.names {
            // Entries have numbers above none.
            let first = last.flatMap { $0.name < range.first ? nil : $0 } ?? TrashPlace(name: range.first, entry: 0)
            let next = try row(
                Statements.nextTrashedRepository,
                .text(first.name),
                .integer(first.entry),
                .text(range.end)
            )
            guard let next else { continue }
            let place = TrashPlace(name: try next.text(1), entry: try next.integer(2))
            return (try next.optionalInteger(3) == nil ? next.repository(0) : nil, place.text)
        }
        return nil
    }

    /// The first repository that is there of a scope behind a name that was counted.
    private func nextRepository(in scope: QuotaScope, after last: String) throws -> (RepositoryID, String)? {
        switch scope {
        // Nothing in the trash has a name from there on.
        case .installation: return try nextRepository(after: max(last, "/"), before: "~")
        case .repository(let name):
            guard last.isEmpty else { return nil }
            return try row(Statements.repository, .name(name)).map { (try $0.repository(0), name.description) }
        case .project(let project):
            if last.isEmpty, let row = try row(Statements.repository, .text(project)) {
                return (try row.repository(0), project)
            }
            // What follows a slash in the order of bytes is a zero.
            return try nextRepository(after: last.count > project.count ? last : "\(project)/", before: "\(project)0")
        }
    }

    private func nextRepository(after first: String, before end: String) throws -> (RepositoryID, String)? {
        try row(Statements.nextRepository, .text(first), .text(end)).map { (try $0.repository(0), try $0.text(1)) }
    }

    /// Counts the next rows of a repository: blobs, then manifests, then tags.
    func advance(
        _ counting: QuotaCounting,
        from place: String,
        limit: Int
    ) throws -> (place: String, count: Int) {
        let rest = SQLValue.text(String(place.dropFirst()))
        let repository = SQLValue.id(counting.repository)
        switch place.first {
        case nil, "b":
            let statement = counting.standing.countsTrash ? Statements.linksToCount : Statements.repositoryLinkNeeds
            let found = try rows(statement, repository, rest, .count(limit))
            // For the installation a blob counts once, whoever links it.
            if counting.standing.scope != .installation { try countLinks(found, counting) }
            return (try next("b", found, limit, then: "m"), found.count)
        case "m":
            let found = try rows(Statements.manifestsToCount, repository, rest, .count(limit))
            try counting.add(QuotaAmounts(bytes: try found.reduce(0) { try $0 + $1.integer(1) }))
            return (try next("m", found, limit, then: "t"), found.count)
        case "t":
            let found = try rows(Statements.tagsToCount, repository, rest, .count(limit))
            try counting.add(QuotaAmounts(tags: Int64(found.count)))
            return (try next("t", found, limit, then: QuotaStanding.end), found.count)
        default: return (QuotaStanding.end, 0)
        }
    }

    private func next(_ kind: String, _ found: [Row], _ limit: Int, then other: String) throws -> String {
        guard found.count >= limit, let last = found.last else { return other }
        return "\(kind)\(try last.text(0))"
    }

    private func countLinks(_ found: [Row], _ counting: QuotaCounting) throws {
        let (id, standing) = (SQLValue.integer(counting.standing.id.number), counting.standing)
        // Where the trash does not count, so do none that only it needs.
        let found = try standing.countsTrash ? found : found.filter { try $0.integer(2) != 1 }
        let others = try connection.rows(
            of: found.map { Question(Statements.quotaLink, [id, .text(try $0.text(0))]) }
        )
        var byteCount: Int64 = 0
        for (row, others) in zip(found, others) {
            if others.isEmpty { byteCount += try row.integer(1) }
            guard standing.keepsLinks else { continue }
            try post(Statements.insertQuotaLink, id, .digest(try row.digest(0)), .id(counting.repository))
        }
        try counting.add(QuotaAmounts(bytes: byteCount))
    }

    /// Counts without looking for room: no limit holds yet.
    private func addUncapped(_ amounts: QuotaAmounts, to id: QuotaID) throws {
        guard amounts != .none else { return }
        try connection.post(Statements.lowerShare, [.integer(id.number)] + amounts.arguments)
    }
}

/// Up to where the repositories in the trash are counted: by what they were called, and the number of the entry.
private struct TrashPlace {
    let name: String
    let entry: Int64

    init(name: String, entry: Int64) {
        (self.name, self.entry) = (name, entry)
    }

    /// Nil where the repositories that are there are still being counted.
    init?(_ text: String) {
        guard text.hasPrefix(RepositoryID.hiddenMark) else { return nil }
        let parts = text.dropFirst(RepositoryID.hiddenMark.count).split(separator: " ")
        guard parts.count == 2, let entry = Int64(parts[1]) else { return nil }
        self.init(name: String(parts[0]), entry: entry)
    }

    var text: String { "\(RepositoryID.hiddenMark)\(name) \(entry)" }
}

extension QuotaScope {
    /// What the repositories of a scope are called, in ranges whose end is not in them, in bytewise order.
    fileprivate var names: [(first: String, end: String)] {
        switch self {
        case .installation: [("", "~")]
        // No name goes on with so low a character.
        case .repository(let name): [("\(name)", "\(name)!")]
        case .project(let project): [(project, "\(project)!"), ("\(project)/", "\(project)0")]
        }
    }
}

/// A repository that is being counted.
struct QuotaCounting {
    let standing: QuotaStanding
    let repository: RepositoryID
    /// Where what is found is added.
    let add: (QuotaAmounts) throws -> Void
}

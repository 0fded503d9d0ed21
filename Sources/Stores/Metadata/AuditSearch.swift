/// Which entries of the audit are wanted; a field that is nil picks nothing out.
public struct AuditSearch: Hashable, Sendable {
    /// A text as a whole, or what it begins with.
    public enum Match: Hashable, Sendable {
        /// This text.
        case exactly(String)
        /// Texts that begin so.
        case prefix(String)

        func matches(_ text: String) -> Bool {
            switch self {
            case .exactly(let wanted): text.utf8.elementsEqual(wanted.utf8)
            case .prefix(let wanted): text.utf8.starts(with: wanted.utf8)
            }
        }
    }

    /// Who, such as `user:alice`.
    public var principal: String?
    /// What was done.
    public var action: Match?
    /// To what.
    public var target: Match?
    /// How it went.
    public var outcome: AuditFact.Outcome?
    /// Not before this moment.
    public var since: Timestamp?
    /// Before this moment.
    public var until: Timestamp?

    /// Describes what is wanted.
    public init(
        principal: String? = nil,
        action: Match? = nil,
        target: Match? = nil,
        outcome: AuditFact.Outcome? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.principal = principal
        self.action = action
        self.target = target
        self.outcome = outcome
        self.since = since
        self.until = until
    }

    func matches(_ fact: AuditFact) -> Bool {
        (principal ?? fact.principal).utf8.elementsEqual(fact.principal.utf8)
            && action?.matches(fact.action) ?? true
            && target?.matches(fact.target) ?? true
            && outcome ?? fact.outcome == fact.outcome
    }
}

/// Some of the entries that are wanted, newest first.
public struct AuditPage: Hashable, Sendable {
    /// The entries.
    public var records: [AuditRecord]
    /// Where to go on; nil at the end.
    ///
    /// A page may have fewer entries than asked for, or none, and still not be the last: what is looked at for one page
    /// is bounded.
    public var next: AuditKeyset?
}

extension Facts {
    /// How many entries are looked at for one page.
    static let auditEntriesPerPage = 10_000
    private static let auditEntriesPerStep = 500

    /// At most `limit` of the entries that are wanted, newest first, after a place.
    ///
    /// A search by principal or by a whole target looks at no others; all else is picked out of what lies in the time.
    public func auditEntries(
        _ search: AuditSearch,
        after place: AuditKeyset? = nil,
        limit: Int
    ) throws -> AuditPage {
        var page = AuditPage(records: [], next: nil)
        var place = place ?? AuditKeyset(at: search.until ?? Timestamp(microseconds: .max), id: .min)
        if let until = search.until, place.at >= until { place = AuditKeyset(at: until, id: .min) }
        var seenCount = 0
        while seenCount < Self.auditEntriesPerPage {
            let step = max(1, min(Self.auditEntriesPerStep, Self.auditEntriesPerPage - seenCount))
            let found = try auditEntries(search, from: place, limit: step)
            for record in found {
                guard page.records.count < limit else {
                    page.next = place
                    return page
                }
                place = record.key
                if search.matches(record.fact) { page.records.append(record) }
            }
            seenCount += found.count
            guard found.count == step else { return page }
        }
        page.next = place
        return page
    }

    private func auditEntries(
        _ search: AuditSearch,
        from place: AuditKeyset,
        limit: Int
    ) throws -> [AuditRecord] {
        let (at, id) = (SQLValue.time(place.at), SQLValue.integer(place.id))
        let since = SQLValue.time(search.since ?? Timestamp(microseconds: .min))
        let found =
            if case .exactly(let target) = search.target {
                try rows(Statements.auditEntriesByTarget, at, id, since, .count(limit), .text(target))
            } else if let principal = search.principal {
                try rows(Statements.auditEntriesByPrincipal, at, id, since, .count(limit), .text(principal))
            } else {
                try rows(Statements.auditEntriesByTime, at, id, since, .count(limit))
            }
        return try found.map { try $0.auditRecord() }
    }
}

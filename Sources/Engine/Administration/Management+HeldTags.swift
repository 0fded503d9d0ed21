import Access
import AdminModel
import Guarding
import Identity
import Metadata
import OCI

/// What holds tags, and what is read-only, asked where the management itself deletes or restores.
extension Management {
    /// How many tags of a repository are looked at, where it has rules.
    private static let tagCountMax = 10_000
    private static let tagsInPage = 1000

    /// Throws ``Problem`` where nothing in a repository may be changed now.
    func requireWritable(_ name: RepositoryName) throws {
        let snapshot = service.directory.snapshot
        guard let rule = service.trash.readOnly.rule(for: name) ?? snapshot.readOnly.rule(for: name) else { return }
        throw Problem(.conflict, "\(rule.sentence). Nothing can be deleted, restored or purged now")
    }

    /// Throws ``Problem`` where a tag may not move to a manifest, or go where that is nil.
    ///
    /// To be asked within the transaction that does it: what is done past broken glass is noted there for the audit.
    func requireFree(
        _ tag: Tag,
        in repository: RepositoryID,
        named name: RepositoryName,
        to target: Digest?,
        _ facts: Facts
    ) throws {
        let outlook = try facts.outlook(on: [tag], in: repository, named: name)
        let step = TagStep(tag, in: name, from: outlook.target(of: tag), to: target)
        try require(step, outlook, facts)
    }

    /// Throws ``Problem`` where a tag of a repository is held that is deleted as a whole; the first is named.
    func requireDeletable(_ repository: RepositoryID, named name: RepositoryName, _ facts: Facts) throws {
        var last: String?
        while true {
            let locked = try facts.tagGuards(.lock, in: repository, after: last, limit: Self.tagsInPage)
            for lock in locked { try requireFree(lock.tag, in: repository, named: name, to: nil, facts) }
            guard locked.count == Self.tagsInPage else { break }
            last = locked.last?.tag.description
        }
        try requireTags(of: name, facts, holding: { $0.kind == .immutable || !isExempt(from: $0) }) { tag in
            try requireFree(tag, in: repository, named: name, to: nil, facts)
        }
    }

    /// Throws ``Problem`` where a tag of a repository that has just come back as a whole is one that the caller may not
    /// make; the first is named.
    func requireMakable(_ repository: RepositoryID, named name: RepositoryName, _ facts: Facts) throws {
        try requireTags(of: name, facts, holding: { $0.kind == .protected && !isExempt(from: $0) }) { tag in
            let outlook = try facts.outlook(on: [tag], in: repository, named: name)
            try require(TagStep(tag, in: name, from: nil, to: outlook.target(of: tag)), outlook, facts)
        }
    }

    /// Asks about each tag that one of the rules covers which may hold it.
    private func requireTags(
        of name: RepositoryName,
        _ facts: Facts,
        holding: (Guarding.TagRule) -> Bool,
        _ ask: (Tag) throws -> Void
    ) throws {
        let rules = try facts.tagRules(around: name).map { try AdminModel.TagRule($0).parsed() }.filter(holding)
        guard !rules.isEmpty else { return }
        var (last, count): (String?, Int) = (nil, 0)
        while count < Self.tagCountMax {
            let tags = try facts.tags(in: name, after: last, limit: Self.tagsInPage)
            for tag in tags where rules.contains(where: { $0.covers(tag, in: name) }) { try ask(tag) }
            guard tags.count == Self.tagsInPage else { return }
            count += tags.count
            last = tags.last?.description
        }
        throw Problem(
            .conflict,
            "\(name) has more than \(Self.tagCountMax) tags, and \(rules[0]) may hold some of them: take it away first"
        )
    }

    private func require(_ step: TagStep, _ outlook: TagOutlook, _ facts: Facts) throws {
        let guards = TagGuards(
            rules: try outlook.rules.map { try AdminModel.TagRule($0).parsed() },
            lock: outlook.word(.lock, of: step.tag).map { TagWord(by: $0.setBy, reason: $0.reason) },
            glass: outlook.word(.glass, of: step.tag).map { TagWord(by: $0.setBy, reason: $0.reason) }
        )
        switch guards.judge(step, isExempt: isExempt) {
        case .free: return
        case .held(let hold):
            let place = step.from.map { "points to \($0) and" } ?? "is not there and"
            let verb = step.to == nil ? "be deleted" : step.from == nil ? "be made by you" : "move"
            throw Problem(
                .conflict,
                "the tag \(step.tag) of \(step.repository) \(place) may not \(verb): \(hold) holds it"
            )
        case .broken(let hold, let glass):
            var details = ["glass": "\(glass.by) broke the glass of \(hold): \(glass.reason)"]
            details["from"] = step.from?.description
            details["to"] = step.to?.description
            let target = "\(step.repository):\(step.tag)"
            try note("tag.override", target, because: nil, details, at: now, in: facts)
        }
    }

    /// Whether the caller is one of those whom a rule that protects lets through; what the credential in use is limited
    /// to does not count, as for a push.
    private func isExempt(from rule: Guarding.TagRule) -> Bool {
        let (principal, rules) = (login.principal, service.directory.snapshot.rules)
        let owner = Principal(
            kind: principal.kind,
            name: principal.name,
            groups: principal.groups,
            address: principal.address
        )
        guard rule.roles.isEmpty else { return rules.has(owner, oneOf: rule.roles, in: rule.project) }
        return rules.decideManagement(of: rule.project, by: owner).isAllowed
    }
}

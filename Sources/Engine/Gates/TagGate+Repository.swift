import Guarding
public import Metadata
public import OCI

/// All tags of a repository at once, where it goes or comes back as a whole.
extension TagGate {
    /// How many tags of a repository are looked at, where it has rules.
    private static let tagCountMax = 10_000
    private static let tagsInPage = 1000

    /// Lets all tags go with their repository.
    ///
    /// Locked ones are found by their locks, others are looked at only where a rule may hold them. Throws
    /// ``TagRefusal`` of the first that is held, and where there are too many to be looked at.
    public func passAll(deleting repository: RepositoryID, named name: RepositoryName, _ facts: Facts) throws {
        var last: String?
        while true {
            let locked = try facts.tagGuards(.lock, in: repository, after: last, limit: Self.tagsInPage)
            for lock in locked { try pass(lock.tag, in: repository, named: name, to: nil, facts) }
            guard locked.count == Self.tagsInPage else { break }
            last = locked.last?.tag.description
        }
        try forEachTag(of: name, facts, heldBy: { $0.kind == .immutable || !isExempt(from: $0) }) { tag in
            let outlook = try facts.outlook(on: [tag], in: repository, named: name)
            // Those with a lock were asked about above.
            guard outlook.word(.lock, of: tag) == nil else { return }
            try pass(tag, in: name, to: nil, outlook, facts)
        }
    }

    /// Lets all tags be there again of a repository that has just come back as a whole.
    ///
    /// Throws ``TagRefusal`` of the first that who comes here may not make, and where there are too many to be looked
    /// at.
    public func passAll(restored repository: RepositoryID, named name: RepositoryName, _ facts: Facts) throws {
        try forEachTag(of: name, facts, heldBy: { $0.kind == .protected && !isExempt(from: $0) }) { tag in
            let outlook = try facts.outlook(on: [tag], in: repository, named: name)
            try pass(TagStep(tag, in: name, from: nil, to: outlook.target(of: tag)), outlook, facts)
        }
    }

    /// Asks about each tag that one of the rules covers which may hold it.
    private func forEachTag(
        of name: RepositoryName,
        _ facts: Facts,
        heldBy mayHold: (TagRule) -> Bool,
        _ ask: (Tag) throws -> Void
    ) throws {
        let held = try facts.tagRules(around: name).map(rules.rule).filter(mayHold)
        guard let first = held.first else { return }
        var (last, count): (String?, Int) = (nil, 0)
        while count < Self.tagCountMax {
            let tags = try facts.tags(in: name, after: last, limit: Self.tagsInPage)
            for tag in tags where held.contains(where: { $0.covers(tag, in: name) }) { try ask(tag) }
            guard tags.count == Self.tagsInPage else { return }
            count += tags.count
            last = tags.last?.description
        }
        throw TagRefusal(
            "\(name) has more than \(Self.tagCountMax) tags, and \(first) may hold some of them: take it away first"
        )
    }
}

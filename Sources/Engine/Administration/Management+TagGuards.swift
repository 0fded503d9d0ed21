import Access
import AdminModel
import Gates
import Guarding
import Identity
import Metadata
import OCI

/// Locks of tags, broken glass, and what holds a tag.
extension Management {
    // MARK: Locks

    /// The tags of a repository that are locked, by name.
    public func tagLocks(in repository: String, after last: String?, limit: Int) async throws -> Page<TagLock> {
        let (found, name) = try await tagGuards(.lock, in: repository, after: last, limit: limit)
        return Page(
            items: found.prefix(limit).map { TagLock($0, in: name) },
            next: found.count > limit ? found[limit - 1].tag.description : nil
        )
    }

    /// Locks a tag that is there: whatever roles somebody has, it neither moves nor goes.
    public func lock(_ new: NewTagLock) async throws -> TagLock {
        let place = try TagPlace(new.repository, new.tag)
        let (reason, actor) = (try requireProject(new.repository), login.principal.description)
        let words = try Bounds.reason(new.reason)
        return try await changeTags("tag.lock", place.description, because: reason) { facts, details in
            let repository = try place.repository(in: facts)
            guard let tag = try facts.tag(place.tag, in: repository) else { throw place.missing }
            (details["reason"], details["digest"]) = (words, tag.digest.description)
            let fact = try facts.setTagGuard(.lock, of: place.tag, in: repository, by: actor, reason: words)
            return TagLock(fact, in: place.name)
        }
    }

    /// Takes the lock of a tag away.
    public func unlock(_ tag: String, in repository: String) async throws {
        try await takeBack(.lock, "tag.unlock", tag, repository) { "lock on \($0)" }
    }

    // MARK: Glass

    /// The tags of a repository whose glass is broken, by name.
    public func tagGlass(in repository: String, after last: String?, limit: Int) async throws -> Page<TagGlass> {
        let (found, name) = try await tagGuards(.glass, in: repository, after: last, limit: limit)
        return Page(
            items: found.prefix(limit).map { TagGlass($0, in: name) },
            next: found.count > limit ? found[limit - 1].tag.description : nil
        )
    }

    /// Breaks the glass of a tag: for a while neither rules nor a lock hold it, and the audit tells of each move.
    public func breakGlass(_ new: NewTagGlass) async throws -> TagGlass {
        let place = try TagPlace(new.repository, new.tag)
        let (reason, actor) = (try requireProject(new.repository), login.principal.description)
        let words = try Bounds.reason(new.reason)
        let seconds = new.seconds ?? Bounds.glassSeconds
        guard Bounds.glassSecondCounts.contains(seconds) else {
            throw Problem(
                .unprocessable,
                "glass is broken for \(Bounds.glassSecondCounts.lowerBound) to "
                    + "\(Bounds.glassSecondCounts.upperBound) seconds",
                field: "seconds"
            )
        }
        return try await changeTags("tag.break-glass", place.description, because: reason) { facts, details in
            // Whoever manages a project within that of a rule does not get past the rule.
            let rules = try facts.tagRules(around: place.name).map(service.tagRules.rule)
            for rule in rules where rule.covers(place.tag, in: place.name) { try requireProject(rule.project) }
            (details["reason"], details["seconds"]) = (words, "\(seconds)")
            let fact = try facts.setTagGuard(
                .glass,
                of: place.tag,
                in: try place.repository(in: facts),
                by: actor,
                reason: words,
                for: .seconds(seconds)
            )
            return TagGlass(fact, in: place.name)
        }
    }

    /// Closes the glass of a tag before its time: rules and locks hold it again.
    public func closeGlass(_ tag: String, in repository: String) async throws {
        try await takeBack(.glass, "tag.close-glass", tag, repository) { "broken glass on \($0)" }
    }

    // MARK: Both

    /// What holds a tag where it is, which need not be there.
    public func explainTag(_ tag: String, in repository: String) async throws -> TagExplanation {
        let place = try TagPlace(repository, tag)
        try requireProject(repository)
        return try await read { facts in
            let rules = try facts.tagRules(around: place.name)
                .filter { service.tagRules.rule($0).covers(place.tag, in: place.name) }
            let known = try facts.repository(place.name)
            let words = try known.map { try facts.tagGuards(of: place.tag, in: $0) } ?? []
            return TagExplanation(
                repository: repository,
                tag: tag,
                digest: try known.flatMap { try facts.tag(place.tag, in: $0) }?.digest.description,
                rules: try rules.map { try AdminModel.TagRule($0) },
                lock: words.first { $0.kind == .lock }.map { TagLock($0, in: place.name) },
                glass: words.first { $0.kind == .glass }.map { TagGlass($0, in: place.name) }
            )
        }
    }

    private func tagGuards(
        _ kind: TagGuardFact.Kind,
        in repository: String,
        after last: String?,
        limit: Int
    ) async throws -> ([TagGuardFact], RepositoryName) {
        let name = try TagPlace.name(repository)
        try requireProject(repository)
        let found = try await read { facts in
            guard let id = try facts.repository(name) else { throw Bounds.missing("repository \(name)") }
            return try facts.tagGuards(kind, in: id, after: last, limit: limit + 1)
        }
        return (found, name)
    }

    private func takeBack(
        _ kind: TagGuardFact.Kind,
        _ action: String,
        _ tag: String,
        _ repository: String,
        _ what: @escaping @Sendable (TagPlace) -> String
    ) async throws {
        let place = try TagPlace(repository, tag)
        let reason = try requireProject(repository)
        _ = try await changeTags(action, place.description, because: reason) { facts, _ in
            guard try facts.deleteTagGuard(kind, of: place.tag, in: try place.repository(in: facts)) else {
                throw Bounds.missing(what(place))
            }
            return true
        }
    }
}

/// A tag, and where it is or may come to be.
private struct TagPlace: Sendable, CustomStringConvertible {
    let name: RepositoryName
    let tag: Tag

    init(_ repository: String, _ tag: String) throws {
        name = try Self.name(repository)
        guard let read = try? Tag(tag) else {
            throw Problem(.invalid, "\(tag.prefix(200).debugDescription) is no tag", field: "tag")
        }
        self.tag = read
    }

    static func name(_ text: String) throws -> RepositoryName {
        guard let name = try? RepositoryName(text) else {
            throw Problem(
                .invalid,
                "\(text.prefix(300).debugDescription) is no repository's name",
                field: "repository"
            )
        }
        return name
    }

    var description: String { "\(name):\(tag)" }

    var missing: Problem { Bounds.missing("tag \(self)") }

    func repository(in facts: Facts) throws -> RepositoryID {
        guard let id = try facts.repository(name) else { throw Bounds.missing("repository \(name)") }
        return id
    }
}

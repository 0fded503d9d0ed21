import Access
import AdminModel
import Identity
import Jobs
import Metadata
import OCI

/// What a quota is of.
public enum QuotaPlace: Sendable {
    /// All that is stored.
    case installation
    /// A project and all below it.
    case project(String)
    /// One repository.
    case repository(String)

    fileprivate var scope: QuotaScope {
        get throws {
            switch self {
            case .installation: return .installation
            case .project(let name): return .project(try Bounds.project(name))
            case .repository(let name):
                guard let repository = try? RepositoryName(name) else { throw Bounds.missing("repository \(name)") }
                return .repository(repository)
            }
        }
    }
}

/// How much there may be: set by who manages the installation, seen by who manages what it is of.
extension Management {
    /// All quotas, by what they are of.
    public func quotas(after last: String?, limit: Int) async throws -> Page<Quota> {
        try requireInstallation()
        let place = last == "installation" ? "" : last
        let found = try await read { try $0.quotas(after: place, limit: limit + 1) }
        let items = found.prefix(limit).map { Quota($0) }
        return Page(items: items, next: found.count > limit ? items.last?.scope : nil)
    }

    /// The quota of something.
    public func quota(of place: QuotaPlace) async throws -> Quota {
        let scope = try place.scope
        try requireQuota(of: scope)
        guard let found = try await read({ try $0.quota(of: scope) }) else { throw Self.missing(scope) }
        return Quota(found)
    }

    /// Says how much there may be; what is not given may be of any number.
    public func setQuota(of place: QuotaPlace, _ wanted: QuotaChange) async throws -> Quota {
        let scope = try place.scope
        let reason = try requireInstallation()
        let (queue, principal) = (service.jobs, login.principal.description)
        let quota = try await changeJobs("quota.set", scope.name, because: reason) { facts, details in
            let set = try Self.setQuota(of: scope, wanted, facts)
            details = wanted.details
            if !set.isCounted, queue.kinds[Self.quotaJob] != nil {
                _ = try queue.put(kind: Self.quotaJob, by: principal, in: facts)
            }
            return Quota(set)
        }
        if !quota.isCounted { queue.wake() }
        return quota
    }

    /// Ends a quota.
    public func deleteQuota(of place: QuotaPlace) async throws {
        let scope = try place.scope
        let reason = try requireInstallation()
        _ = try await changeJobs("quota.delete", scope.name, because: reason) { facts, _ in
            guard try facts.deleteQuota(of: scope) else { throw Self.missing(scope) }
            return true
        }
    }

    /// What counts what was there before, clears away and warns.
    static let quotaJob = "quotas.keep"

    /// From which part of a limit on it is warned where nothing is said, in percent.
    static let warnPercent: Int64 = 80

    /// How many steps of counting are done at once: what is small is counted when the answer comes.
    private static let countStepMax = 10
    /// How many rows a step counts.
    private static let countRowMax = 50

    /// Sets a quota, and counts what is small.
    static func setQuota(of scope: QuotaScope, _ wanted: QuotaChange, _ facts: Facts) throws -> QuotaFact {
        if case .repository = scope, wanted.repositories != nil {
            throw Problem(.unprocessable, "a repository has no repositories to limit", field: "repositories")
        }
        if scope == .installation, wanted.trash == .free {
            throw Problem(
                .unprocessable,
                "the bytes of the trash are on the disks of the installation, and count there",
                field: "trash"
            )
        }
        let limits = QuotaLimits(bytes: wanted.bytes, tags: wanted.tags, repositories: wanted.repositories)
        let set = try facts.setQuota(
            of: scope,
            to: limits,
            warnPercent: wanted.warnPercent ?? warnPercent,
            countsTrash: wanted.trash != .free
        )
        guard !set.isCounted else { return set }
        for _ in 0..<countStepMax {
            guard try facts.countQuota(set.id, limit: countRowMax) != nil else { break }
        }
        return try facts.quota(of: scope) ?? set
    }

    private func requireQuota(of scope: QuotaScope) throws {
        switch scope {
        case .installation: try requireInstallation()
        case .project(let name): try requireProject(name)
        case .repository(let name): try requireProject(name.description)
        }
    }

    private static func missing(_ scope: QuotaScope) -> Problem {
        Bounds.missing("quota of \(scope.phrase)")
    }
}

extension QuotaScope {
    /// As the management and the audit name it.
    var name: String { self == .installation ? "installation" : description }
}

extension QuotaChange {
    /// What the audit keeps of it.
    var details: [String: String] {
        let numbers = ["bytes": bytes, "tags": tags, "repositories": repositories, "warnPercent": warnPercent]
        var details = numbers.compactMapValues { $0.map { "\($0)" } }
        details["trash"] = trash?.rawValue
        return details
    }
}

extension Quota {
    init(_ fact: QuotaFact) {
        self.init(
            scope: fact.scope.name,
            bytes: fact.limits.bytes,
            tags: fact.limits.tags,
            repositories: fact.limits.repositories,
            warnPercent: fact.warnPercent,
            trash: fact.countsTrash ? .counted : .free,
            usedBytes: fact.used.bytes,
            usedTags: fact.used.tags,
            usedRepositories: fact.used.repositories,
            isCounted: fact.isCounted,
            countedUpTo: fact.isCounted || fact.position.isEmpty ? nil : fact.position,
            warnedAt: fact.warnedAt.map { Instant($0) }
        )
    }

    /// What was set, as a declaration says it.
    init?(declared fact: QuotaFact?) {
        guard let fact else { return nil }
        self.init(fact)
    }

    /// As it can be set.
    var change: QuotaChange {
        QuotaChange(
            bytes: bytes,
            tags: tags,
            repositories: repositories,
            warnPercent: warnPercent,
            trash: trash == .counted ? nil : trash
        )
    }
}

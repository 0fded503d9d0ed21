import Access
import AdminModel
import Gates
import Identity
import Jobs
import Metadata
import NetworkAddress
import OCI

/// What was deleted: looked at, brought back, or purged.
extension Management {
    /// What is in the trash, the newest first, before a number: of a repository, for who may delete in it; of all, for
    /// who manages the installation.
    public func trash(of repository: String?, after last: Int64?, limit: Int) async throws -> Page<TrashEntry> {
        let name = try repository.map { try Self.repositoryName($0, field: "repository") }
        if let name { try require([.delete], on: name) } else { try requireInstallation() }
        let found = try await read { try $0.trash(of: name, before: last, limit: limit + 1) }
        return Page(
            items: found.prefix(limit).map { TrashEntry($0) },
            next: found.count > limit ? "\(found[limit - 1].id)" : nil
        )
    }

    /// Something that is in the trash.
    public func trashEntry(_ id: String) async throws -> TrashEntry {
        TrashEntry(try await entry(id, [.delete]).fact)
    }

    /// Brings something back as it was.
    public func restore(_ id: String, _ wanted: RestoreRequest) async throws -> RestoredEntry {
        let moves = wanted.movesTags ?? false
        let (fact, reason) = try await entry(id, moves ? [.delete, .push, .overwrite] : [.delete, .push])
        let way = TrashReturn(
            tag: try wanted.tag.map { try Self.tag($0, for: fact) },
            name: try wanted.repository.map { try Self.newName($0, for: fact) },
            movesTags: moves
        )
        // Elsewhere it can be read by others than where it was.
        if let name = way.name {
            try require([.pull], on: fact.name)
            try require([.push], on: name)
        }
        if fact.kind == .repository { try require([.tag], on: way.name ?? fact.name) }
        try requireWritable(fact.name)
        if let name = way.name { try requireWritable(name) }
        if fact.kind == .project { return try await restoreProject(fact) }
        let (principal, moment) = (login.principal.description, now)
        return try await changeImages("trash.restore", fact.target, because: reason) { facts, details in
            try Self.demandUnmoved(fact, in: facts)
            details["entry"] = "\(fact.id)"
            let gate = gate(at: moment)
            let restored = try heeding(fact.name) {
                let restored = try Self.asProblem {
                    try facts.restore(fact.id, way, at: moment, by: principal) { tag, digest in
                        if try facts.tag(tag, in: fact.repository) == nil { try require([.tag], on: fact.name) }
                        try gate.pass(tag, in: fact.repository, named: fact.name, to: digest, facts)
                    }
                }
                guard fact.kind == .repository else { return restored }
                try gate.passAll(restored: fact.repository, named: restored.name, facts)
                return restored
            }
            if restored.name != fact.name { details["repository"] = restored.name.description }
            if !restored.tags.isEmpty { details["tags"] = Self.shown(restored.tags) }
            return RestoredEntry(restored)
        }
    }

    /// Removes something for good, at once; a repository, a project, and referrers of what is gone, from now on, by a
    /// job.
    public func purgeTrash(_ id: String) async throws {
        let (fact, reason) = try await entry(id, [.manage])
        if fact.kind == .project { try requireProject(fact.name.description) }
        try requireWritable(fact.name)
        let (queue, principal) = (service.jobs, login.principal.description)
        _ = try await changeImages("trash.purge", fact.target, because: reason) { facts, details in
            try Self.demandUnmoved(fact, in: facts)
            (details["entry"], details["kind"]) = ("\(fact.id)", fact.kind.rawValue)
            let isPurged = try facts.purgeTrash(fact.id)
            // What is left of it goes by a job.
            if try facts.hasDueTrash(), queue.kinds[TrashService.purgeKind] != nil {
                _ = try queue.put(kind: TrashService.purgeKind, by: principal, in: facts)
            }
            return isPurged
        }
        queue.wake()
    }

    // MARK: Repositories

    /// Deletes a repository with all that is in it: to the trash, where there is one.
    public func deleteRepository(_ name: String) async throws -> TrashEntry {
        let name = try Self.repositoryName(name, field: "name")
        let reason = try require([.delete], on: name)
        try requireWritable(name)
        let (keep, queue, principal, moment) = (service.trash.keep, service.jobs, login.principal.description, now)
        let entry = try await changeImages("repository.delete", "\(name)", because: reason) { facts, details in
            if let repository = try facts.repository(name) {
                try heeding(name) { try gate(at: moment).passAll(deleting: repository, named: name, facts) }
            }
            guard let fact = try facts.trashRepository(name, at: moment, by: principal, keeping: keep) else {
                throw Bounds.missing("repository \(name)")
            }
            details["entry"] = "\(fact.id)"
            if fact.purgeAt == nil, queue.kinds[TrashService.purgeKind] != nil {
                _ = try queue.put(kind: TrashService.purgeKind, by: principal, in: facts)
            }
            return TrashEntry(fact)
        }
        queue.wake()
        return entry
    }

    /// What would be free after a deletion.
    public func estimate(deletingFrom name: String, _ question: DeletionQuestion) async throws -> DeletionEstimate {
        let name = try Self.repositoryName(name, field: "name")
        try require([.delete], on: name)
        let digests = try question.manifests?.map { text in
            guard let digest = try? Digest(text) else {
                throw Problem(.invalid, "\(text.prefix(100)) is no digest", field: "manifests")
            }
            return digest
        }
        let outlook = try await read { facts in
            guard let repository = try facts.repository(name) else { throw Bounds.missing("repository \(name)") }
            return try facts.outlook(onDeleting: digests, in: repository)
        }
        guard let outlook else {
            let limits = Facts.outlookCountsMax
            throw Problem(
                .unprocessable,
                "this is about more than \(limits.manifests) manifests or \(limits.blobs) blobs: ask about a part of it"
            )
        }
        return DeletionEstimate(
            manifestCount: outlook.manifestCount,
            blobCount: outlook.blobCount,
            byteCount: outlook.byteCount,
            trashSeconds: service.trash.keep.components.seconds
        )
    }

    // MARK: Who may

    /// Throws ``Refused`` unless the caller may do all of some actions on a repository; why they may do the last.
    @discardableResult
    func require(_ actions: [Action], on name: RepositoryName) throws -> Decision {
        var reason = Decision(.nothingAllows)
        for action in actions {
            reason = service.directory.snapshot.rules.decide(locatedPrincipal, action, on: name)
            guard reason.isAllowed else { throw refusal("\(action.rawValue) in \(name)", reason) }
        }
        return reason
    }

    /// The caller with where they are, which a login does not say that was made while no project asked for it: one that
    /// has just come back may.
    private var locatedPrincipal: Principal {
        let principal = login.principal
        guard principal.address == nil else { return principal }
        return Principal(
            kind: principal.kind,
            name: principal.name,
            groups: principal.groups,
            limits: principal.limits,
            address: IPAddress(origin.address)
        )
    }

    /// An entry, if the caller may do something with its repository: refused alike where there is none.
    private func entry(_ id: String, _ actions: [Action]) async throws -> (fact: TrashFact, reason: Decision) {
        try requireLogin()
        // Written in one way only, as others are.
        let number = Int64(id).flatMap { "\($0)" == id ? $0 : nil } ?? 0
        guard let fact = try await read({ try $0.trashEntry(number) }) else {
            guard managesInstallation else { throw refusal(Self.unseen) }
            throw Bounds.missing("entry \(id.prefix(100)) of the trash")
        }
        do {
            return (fact, try require(actions, on: fact.name))
        } catch let refused as Refused {
            // The name of the repository would say that there is one.
            throw Refused(what: Self.unseen, isAnonymous: refused.isAnonymous, reason: refused.reason)
        }
    }

    private static let unseen = "do this with this entry of the trash"

    /// Throws unless the entry is still in the repository that the caller was asked about.
    static func demandUnmoved(_ fact: TrashFact, in facts: Facts) throws {
        guard let current = try facts.trashEntry(fact.id) else {
            throw Bounds.missing("entry \(fact.id) of the trash")
        }
        guard current.name == fact.name else {
            throw Problem(.conflict, "the repository has got another name meanwhile: try again")
        }
    }

    // MARK: Values

    private static func repositoryName(_ text: String, field: String) throws -> RepositoryName {
        guard let name = try? RepositoryName(text) else {
            throw Problem(.invalid, "\(text.prefix(100)) is no name of a repository", field: field)
        }
        return name
    }

    private static func newName(_ text: String, for fact: TrashFact) throws -> RepositoryName {
        guard fact.kind == .repository else {
            throw Problem(.unprocessable, "only a repository comes back under another name", field: "repository")
        }
        return try repositoryName(text, field: "repository")
    }

    private static func tag(_ text: String, for fact: TrashFact) throws -> Tag {
        guard fact.kind == .tag else {
            throw Problem(.unprocessable, "only a tag comes back as another tag", field: "tag")
        }
        guard let tag = try? Tag(text) else {
            throw Problem(.invalid, "\(text.prefix(100)) is no tag", field: "tag")
        }
        return tag
    }

    /// Some of the names: an entry of the audit is no list.
    static func shown(_ tags: [some CustomStringConvertible]) -> String {
        let first = tags.prefix(20).map(\.description).joined(separator: ", ")
        return tags.count > 20 ? "\(first), and \(tags.count - 20) more" : first
    }

    /// Does it, and makes a problem of a refusal.
    static func asProblem<Value>(_ restore: () throws -> Value) throws -> Value {
        do {
            return try restore()
        } catch let refusal as TrashRefusal {
            throw Problem(refusal)
        }
    }
}

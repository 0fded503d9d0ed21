import Access
import AdminModel
import Gates
import Identity
import Jobs
import Metadata
import OCI

/// Whole projects: into the trash, and back.
extension Management {
    /// How many names an answer has of what did not come back.
    private static let shownCountMax = 100
    /// How many repositories are looked for at once.
    private static let pageCount = 100

    /// Deletes a project with the roles that are held in it, to the trash, where there is one.
    ///
    /// It must have no robots and no role that denies something. Its repositories stay, and then it must have no rule
    /// of tags; or they go before it and with it, one after the other. What breaks off is gone on with by asking again.
    public func deleteProject(_ name: String, withRepositories: Bool = false) async throws {
        let reason = try requireProject(name)
        let (keep, queue, principal) = (service.trash.keep, service.jobs, login.principal.description)
        if withRepositories {
            try await read { try requireDeletable(name, withRules: true, $0) }
            try await deleteRepositories(of: name)
        }
        _ = try await change("project.delete", "project:\(name)", because: reason) { facts, details in
            try requireDeletable(name, withRules: withRepositories, facts)
            if withRepositories, let new = try Self.repositories(of: name, limit: 1, facts).first {
                throw Problem(.conflict, "somebody has pushed to \(new) meanwhile: delete the project again")
            }
            let entry = try facts.trashProject(name, by: principal, keeping: keep)
            if let entry { details["entry"] = "\(entry.id)" }
            // Repositories that were kept for no time go by a job.
            if entry == nil, try facts.hasDueTrash(), queue.kinds[TrashService.purgeKind] != nil {
                _ = try queue.put(kind: TrashService.purgeKind, by: principal, in: facts)
            }
            return true
        }
        queue.wake()
    }

    private func requireDeletable(_ name: String, withRules: Bool, _ facts: Facts) throws {
        guard let project = try facts.project(name) else { throw Bounds.missing("project \(name)") }
        try condition.check(project)
        if let robot = try facts.robots().first(where: { $0.project == name }) {
            throw Problem(.conflict, "the project has the robot \(robot.name): delete it first")
        }
        try Self.requireNoDenial(in: name, facts)
        // Where repositories stay, their tags would be held by nothing any more.
        if !withRules, let rule = try facts.tagRules(of: name).first {
            throw Problem(.conflict, "the project has the rule of tags \(rule.name): delete it first")
        }
    }

    /// A role that denies something in the project must not go unseen.
    private static func requireNoDenial(in project: String, _ facts: Facts) throws {
        let denying = try facts.allRoles().filter { role in role.policies.contains { $0.effect == .deny } }.map(\.name)
        let grants = try facts.grants().filter { $0.project == project }
        if let grant = grants.first(where: { denying.contains($0.role) }) {
            throw Problem(
                .conflict,
                "\(grant.subject) has the role \(grant.role) in the project, which denies something: take it away first"
            )
        }
    }

    /// Deletes every repository of a project, one after the other.
    private func deleteRepositories(of project: String) async throws {
        defer { service.trash.forgetNames() }
        while true {
            let names = try await read { try Self.repositories(of: project, limit: Self.pageCount, $0) }
            guard !names.isEmpty else { return }
            for name in names { try await delete(name, with: project) }
        }
    }

    /// Some repositories of a project: that of its own name, and those below it.
    private static func repositories(of project: String, limit: Int, _ facts: Facts) throws -> [RepositoryName] {
        let below = try facts.repositories(after: project + "/", limit: limit)
            .filter { $0.description.hasPrefix(project + "/") }
        guard let own = try? RepositoryName(project), try facts.repository(own) != nil else { return below }
        return [own] + below
    }

    private func delete(_ name: RepositoryName, with project: String) async throws {
        let reason = try require([.delete], on: name)
        try requireWritable(name)
        let (keep, moment, principal) = (service.trash.keep, now, login.principal.description)
        try await service.facts.write { facts in
            try requireHeld(at: moment, facts)
            // Somebody else may have been faster.
            guard let repository = try facts.repository(name) else { return }
            try heeding(name) { try gate(at: moment).passAll(deleting: repository, named: name, facts) }
            let fact = try facts.trashRepository(name, with: project, at: moment, by: principal, keeping: keep)
            guard let fact else { return }
            let details = ["entry": "\(fact.id)"]
            try note("repository.delete", "\(name)", because: reason, details, at: moment, in: facts)
        }
    }

    private func requireHeld(at moment: Timestamp, _ facts: Facts) throws {
        guard try login.holds(in: facts, at: moment) else {
            throw Problem(.unauthenticated, "the login does not hold any more")
        }
    }

    // MARK: Back

    /// Brings a project back: what it says, the roles and the rules in it, then its repositories, one after the other.
    ///
    /// It hands out roles: that takes what giving them takes, which is to manage the project or the installation, and
    /// by no limited credential. What breaks off is gone on with by asking again.
    func restoreProject(_ fact: TrashFact) async throws -> RestoredEntry {
        let name = fact.name.description
        let reason = try requireProject(name)
        try requireUnlimited()
        let back = try await change("trash.restore", "project:\(name)", because: reason) { facts, details in
            try Self.demandUnmoved(fact, in: facts)
            details["entry"] = "\(fact.id)"
            let known = Set(try facts.allRoles().map(\.name))
            let project = try Self.asProblem {
                try facts.restoreProject(fact.id) { grant in
                    try known.contains(grant.role) && Self.isThere(grant.subject, facts)
                }
            }
            var back = RestoredEntry(entry: TrashEntry(fact), repository: name)
            guard let project else { return back }
            let (given, lost) = (Self.texts(project.grants), Self.texts(project.lost))
            if !given.isEmpty { details["roles"] = Self.shown(given) }
            if !lost.isEmpty { details["lostRoles"] = Self.shown(lost) }
            if project.ruleCount > 0 { details["rules"] = "\(project.ruleCount)" }
            (back.roleCount, back.lostRoles) = (given.count, Array(lost.prefix(Self.shownCountMax)))
            return back
        }
        // Its rules hold for each push from now on, at every server.
        try await service.facts.settle()
        return try await restoreRepositories(of: fact, back)
    }

    private func restoreRepositories(of fact: TrashFact, _ back: RestoredEntry) async throws -> RestoredEntry {
        defer { service.trash.forgetNames() }
        var (back, kept, count, last): (RestoredEntry, [String], Int, Int64) = (back, [], 0, .max)
        while true {
            let page = try await read { [last] facts in
                try facts.trash(withProject: fact.id, before: last, limit: Self.pageCount)
            }
            guard let end = page.last else { break }
            last = end.id
            for repository in page {
                if try await restore(repository) {
                    count += 1
                } else if kept.count < Self.shownCountMax {
                    kept.append(repository.name.description)
                }
            }
        }
        try await service.facts.write { _ = try $0.closeTrash(ofProject: fact.id) }
        (back.repositoryCount, back.keptRepositories) = (count, kept)
        return back
    }

    /// Brings a repository back that went with its project; false where there is another of its name, or it is being
    /// purged, or somebody was faster.
    private func restore(_ fact: TrashFact) async throws -> Bool {
        let reason = try require([.delete, .push, .tag], on: fact.name)
        try requireWritable(fact.name)
        let (principal, moment) = (login.principal.description, now)
        do {
            return try await service.facts.write { facts in
                try requireHeld(at: moment, facts)
                try Self.demandUnmoved(fact, in: facts)
                try heeding(fact.name) {
                    _ = try facts.restore(fact.id, at: moment, by: principal)
                    try gate(at: moment).passAll(restored: fact.repository, named: fact.name, facts)
                }
                let details = ["entry": "\(fact.id)"]
                try note("trash.restore", fact.target, because: reason, details, at: moment, in: facts)
                return true
            }
        } catch let refusal as TrashRefusal {
            switch refusal {
            case .nameTaken, .purging: return false
            default: throw Problem(refusal)
            }
        } catch let problem as Problem where problem.code == .notFound {
            return false
        } catch let exceeded as QuotaExceeded {
            throw Problem(.conflict, exceeded.sentence)
        }
    }

    /// Such as `user:alice developer`.
    private static func texts(_ grants: [GrantFact]) -> [String] {
        grants.map { "\($0.subject) \($0.role)" }
    }
}

import OCI

/// Whole projects in the trash: what a project says, who has which roles in it, its rules of tags, its repositories.
///
/// Repositories go and come back one by one, each in a transaction of its own. While they do, the project is there, and
/// its entry is *open*: what breaks off is gone on with by doing it again.
extension Facts {
    /// For how long at least there is what has not come back yet with its project.
    private static let returnTime = Duration.seconds(86_400)

    /// The open entry of a project, made where there is none.
    private func openTrash(of project: String, by actor: String, keeping time: Duration) throws -> Int64 {
        if let open = try row(Statements.openTrashOfProject, .text(project)) { return try open.integer(0) }
        let repository = try row(Statements.insertHiddenRepository)?.repository(0)
        let made = try repository.flatMap { repository in
            try row(
                Statements.insertTrashOfProject,
                .id(repository),
                .text(project),
                .text(actor),
                .integer(time.inMicroseconds)
            )
        }
        guard let repository, let entry = try made?.integer(0) else {
            throw MetadataError(.corrupt, "an entry of the trash was made and has no number")
        }
        let hidden = "\(RepositoryID.hiddenMark)\(entry)"
        try post(Statements.renameRepository, .id(repository), .text(hidden), .text(hidden))
        try post(Statements.insertTrashProject, .integer(entry))
        return entry
    }

    /// Puts the entry of a repository with that of a project: it is due with that one, whose time begins anew.
    func put(_ entry: Int64, with project: String, by actor: String, keeping time: Duration) throws {
        let whole = try openTrash(of: project, by: actor, keeping: time)
        // An open one may be old: what goes now is kept as long as anything else.
        try post(Statements.prolongTrash, .integer(whole), .integer(time.inMicroseconds))
        try post(Statements.putWithProject, .integer(entry), .integer(whole))
    }

    /// Puts a project into the trash, with the roles that are held in it and its rules of tags; its time begins now,
    /// and so does that of the repositories that went with it.
    ///
    /// Kept for no time it is gone at once. Its robots are gone in any case. There must be such a project.
    ///
    /// - Returns: Its entry; nil where nothing is kept.
    /// - Throws: What the database ran into.
    public func trashProject(_ name: String, by actor: String, keeping time: Duration) throws -> TrashFact? {
        var entry: Int64?
        if time > .zero {
            let open = try openTrash(of: name, by: actor, keeping: time)
            try post(Statements.restateTrash, .integer(open), .text(actor), .integer(time.inMicroseconds))
            try post(Statements.keepProject, .integer(open), .text(name))
            try post(Statements.keepGrants, .integer(open), .text(name))
            try post(Statements.keepTagRules, .integer(open), .text(name))
            entry = open
        }
        try post(Statements.deleteTagRulesOf, .text(name))
        _ = try deleteProject(name)
        return try entry.flatMap { try trashEntry($0) }
    }

    /// Makes a project as it was, with its rules and those roles that may be given back; its repositories are to
    /// follow, and the entry stays until they have.
    ///
    /// - Parameters:
    ///   - id: The entry.
    ///   - isGiven: Whether somebody gets a role back.
    /// - Returns: What came back; nil where the project itself was back before.
    /// - Throws: ``TrashRefusal``; what `isGiven` throws; what the database ran into.
    public func restoreProject(
        _ id: Int64,
        givingBack isGiven: (GrantFact) throws -> Bool
    ) throws -> TrashedProject? {
        guard let entry = try trashEntry(id), entry.kind == .project else { throw TrashRefusal.missing }
        guard entry.purgeAt != nil else { throw TrashRefusal.purging }
        // What follows is not to be due meanwhile, nor what stays at once.
        try post(Statements.prolongTrash, .integer(id), .integer(Self.returnTime.inMicroseconds))
        guard try row(Statements.keptProject, .integer(id))?.optionalInteger(0) != nil else { return nil }
        let name = entry.name.description
        guard try row(Statements.returnProject, .integer(id), .text(name)) != nil else {
            throw TrashRefusal.projectTaken(name)
        }
        var project = TrashedProject()
        for row in try rows(Statements.trashGrants, .integer(id)) {
            let grant = GrantFact(subject: try row.text(0), role: try row.text(1), project: name)
            guard try isGiven(grant) else {
                project.lost.append(grant)
                continue
            }
            try insertGrant(grant)
            project.grants.append(grant)
        }
        project.ruleCount = try run(Statements.returnTagRules, .integer(id), .text(name))
        for statement in [Statements.emptyTrashProject, Statements.deleteTrashGrants, Statements.deleteTrashRules] {
            try post(statement, .integer(id))
        }
        return project
    }

    /// At most `limit` entries of repositories that went with a project, before a number, the newest first: of those
    /// that had one name it is the one that comes back.
    public func trash(withProject entry: Int64, before id: Int64 = .max, limit: Int) throws -> [TrashFact] {
        try rows(Statements.trashWithProject, .integer(entry), .integer(id), .count(limit)).compactMap {
            try trashEntry(try $0.integer(0))
        }
    }

    /// Forgets the entry of a project that is back, once no repository is to follow; whether it is gone.
    @discardableResult
    public func closeTrash(ofProject id: Int64) throws -> Bool {
        guard let kept = try row(Statements.keptProject, .integer(id)) else { return false }
        guard try kept.optionalInteger(0) == nil, try trash(withProject: id, limit: 1).isEmpty else {
            return false
        }
        guard let entry = try trashEntry(id) else { return false }
        try forgetProject(entry.id, entry.repository)
        return true
    }

    /// Removes some of a project, its repositories first; whether all of it is gone.
    func purgeStep(ofProject entry: Int64, in repository: RepositoryID) throws -> (isOver: Bool, count: Int) {
        let first = try row(Statements.trashWithProject, .integer(entry), .integer(.max), .count(1))
        guard let first else {
            try forgetProject(entry, repository)
            return (true, 1)
        }
        let (id, within) = (try first.integer(0), try first.repository(1))
        try post(Statements.beginPurge, .integer(id))
        return (false, try purgeStep(of: within, entry: id).count)
    }

    private func forgetProject(_ entry: Int64, _ repository: RepositoryID) throws {
        for statement in [Statements.deleteTrashGrants, Statements.deleteTrashRules, Statements.deleteTrashProject] {
            try post(statement, .integer(entry))
        }
        try forgetTrash(entry)
        try countRepositoryGone(repository)
        try post(Statements.deleteRepository, .id(repository))
    }
}

/// What came back of a project.
public struct TrashedProject: Sendable, Hashable {
    /// The roles that somebody has again.
    public var grants: [GrantFact] = []
    /// Those that nobody got back.
    public var lost: [GrantFact] = []
    /// How many rules of tags are there again.
    public var ruleCount = 0
}

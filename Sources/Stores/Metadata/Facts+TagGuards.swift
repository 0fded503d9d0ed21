public import OCI

/// Rules of tags, locks, and broken glass.
extension Facts {
    /// Asks what a change of tags depends on.
    public func outlook(on tags: [Tag], in repository: RepositoryID, named name: RepositoryName) throws -> TagOutlook {
        let questions = Self.questions(about: tags, in: repository, named: name)
        return try Self.outlook(on: tags, questions.isEmpty ? [] : connection.rows(of: questions)[...])
    }

    /// What is asked before tags change; nothing where there are none.
    static func questions(about tags: [Tag], in repository: RepositoryID, named name: RepositoryName) -> [Question] {
        guard !tags.isEmpty else { return [] }
        return tags.map { Question(Statements.lastMove, [.id(repository), .name($0)]) }
            + tags.map { Question(Statements.tagGuards, [.id(repository), .name($0)]) } + ruleQuestions(around: name)
    }

    /// What was answered to ``questions(about:in:named:)``.
    static func outlook(on tags: [Tag], _ answers: ArraySlice<[[SQLValue]]>) throws -> TagOutlook {
        let (moves, rest) = (answers.prefix(tags.count), answers.dropFirst(tags.count))
        let (guards, rules) = (rest.prefix(tags.count), rest.dropFirst(tags.count))
        let moved = try zip(tags, moves).compactMap { tag, rows in try rows.first.map { (tag, try Row($0).move()) } }
        let guarded = try zip(tags, guards).map { tag, rows in (tag, try rows.map { try Row($0).tagGuard() }) }
        return TagOutlook(
            tags: tags,
            rules: try Self.rules(rules),
            moves: Dictionary(moved) { first, _ in first },
            guards: Dictionary(guarded) { first, _ in first }
        )
    }

    // MARK: Rules

    /// The rules of all projects around a repository, by project and name.
    public func tagRules(around repository: RepositoryName) throws -> [TagRuleFact] {
        try Self.rules(try connection.rows(of: Self.ruleQuestions(around: repository))[...])
    }

    /// The rules of a project, by name.
    public func tagRules(of project: String) throws -> [TagRuleFact] {
        try rows(Statements.tagRules, .text(project)).map { try $0.tagRule() }
    }

    /// A rule; nil where there is none of the name.
    public func tagRule(_ name: String, of project: String) throws -> TagRuleFact? {
        try row(Statements.tagRule, .text(project), .text(name))?.tagRule()
    }

    /// Makes a rule, or changes what it forbids of what.
    public func setTagRule(_ rule: TagRuleFact) throws {
        try post(
            Statements.putTagRule,
            .text(rule.project),
            .text(rule.name),
            .text(rule.kind),
            .text(rule.terms),
            .time(rule.createdAt)
        )
    }

    /// Takes a rule away; false when there is none.
    public func deleteTagRule(_ name: String, of project: String) throws -> Bool {
        try run(Statements.deleteTagRule, .text(project), .text(name)) > 0
    }

    private static let projectsInStatement = 8

    /// One statement for each eight of the projects that the repository may be in.
    private static func ruleQuestions(around repository: RepositoryName) -> [Question] {
        var projects: [String] = []
        for component in repository.components {
            projects.append(projects.last.map { "\($0)/\(component)" } ?? String(component))
        }
        return stride(from: 0, to: projects.count, by: projectsInStatement).map { start in
            // No project has an empty name.
            let some = projects[start...].prefix(projectsInStatement).map(SQLValue.text)
            let none = [SQLValue](repeating: .text(""), count: projectsInStatement - some.count)
            return Question(Statements.tagRulesOfProjects, some + none)
        }
    }

    private static func rules(_ answers: ArraySlice<[[SQLValue]]>) throws -> [TagRuleFact] {
        try answers.joined().map { try Row($0).tagRule() }.sorted { ($0.project, $0.name) < ($1.project, $1.name) }
    }

    // MARK: Locks and glass

    /// What is said of one tag and holds now.
    public func tagGuards(of tag: Tag, in repository: RepositoryID) throws -> [TagGuardFact] {
        try rows(Statements.tagGuards, .id(repository), .name(tag)).map { try $0.tagGuard() }
    }

    /// At most `limit` tags of a repository after a text of which a word holds now, by name.
    public func tagGuards(
        _ kind: TagGuardFact.Kind,
        in repository: RepositoryID,
        after text: String?,
        limit: Int
    ) throws -> [TagGuardFact] {
        let kind = SQLValue.text(kind.rawValue)
        return try rows(Statements.tagGuardsAfter, .id(repository), .position(text), kind, .count(limit))
            .map { try $0.tagGuard() }
    }

    /// Says something of a tag, in the place of what was said before; for a while, or until it is taken back.
    public func setTagGuard(
        _ kind: TagGuardFact.Kind,
        of tag: Tag,
        in repository: RepositoryID,
        by actor: String,
        reason: String,
        for duration: Duration? = nil
    ) throws -> TagGuardFact {
        try post(Statements.deleteEndedTagGuards, .id(repository))
        let row = try row(
            Statements.putTagGuard,
            .id(repository),
            .name(tag),
            .text(kind.rawValue),
            .text(reason),
            .text(actor),
            duration.map { .integer($0.inMicroseconds) } ?? .null
        )
        guard let row else { throw MetadataError(.corrupt, "what was said of the tag \(tag) is not there") }
        return try row.tagGuard()
    }

    /// Forgets at most `limit` words whose time is over, the oldest first; how many.
    public func deleteEndedTagGuards(limit: Int) throws -> Int {
        try run(Statements.deleteEndedGlass, .count(limit))
    }

    /// Takes back what was said of a tag; false when nothing was that holds.
    public func deleteTagGuard(_ kind: TagGuardFact.Kind, of tag: Tag, in repository: RepositoryID) throws -> Bool {
        try run(Statements.deleteTagGuard, .id(repository), .name(tag), .text(kind.rawValue)) > 0
    }
}

extension Row {
    /// Columns: project, name, kind, terms, created at.
    fileprivate func tagRule() throws -> TagRuleFact {
        TagRuleFact(
            project: try text(0),
            name: try text(1),
            kind: try text(2),
            terms: try text(3),
            createdAt: try time(4)
        )
    }

    /// Columns: tag, kind, reason, when, by whom, until when.
    fileprivate func tagGuard() throws -> TagGuardFact {
        TagGuardFact(
            tag: try tag(0),
            kind: try value(1, TagGuardFact.Kind.init(rawValue:)),
            reason: try text(2),
            setAt: try time(3),
            setBy: try text(4),
            endsAt: try optionalTime(5)
        )
    }
}

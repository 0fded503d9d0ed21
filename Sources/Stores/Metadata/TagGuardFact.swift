public import OCI

/// A rule of a project that says which tags stay where they are.
public struct TagRuleFact: Sendable, Hashable {
    /// The project.
    public var project: String
    /// The name, unique in the project.
    public var name: String
    /// What it forbids.
    public var kind: String
    /// What it is about: a document that is not read here.
    public var terms: String
    /// When it was made.
    public var createdAt: Timestamp

    /// Describes a rule.
    public init(project: String, name: String, kind: String, terms: String, createdAt: Timestamp) {
        self.project = project
        self.name = name
        self.kind = kind
        self.terms = terms
        self.createdAt = createdAt
    }
}

/// Somebody's word about one tag.
public struct TagGuardFact: Sendable, Hashable {
    /// What it says.
    public enum Kind: String, Sendable, Hashable {
        /// The tag stays where it is.
        case lock
        /// Nothing holds the tag for a while.
        case glass
    }

    /// The tag, which need not be there.
    public var tag: Tag
    /// What it says.
    public var kind: Kind
    /// Why.
    public var reason: String
    /// When it was said, by the clock of the database.
    public var setAt: Timestamp
    /// The id of who said it.
    public var setBy: String
    /// Until when it holds; nil until it is taken back.
    public var endsAt: Timestamp?
}

/// What a change of tags depends on, asked at once: where they point, and what holds them there.
///
/// Good in the transaction that asked: what it says of a tag is over once that has moved.
public struct TagOutlook: Sendable {
    /// The tags that were asked about.
    public let tags: [Tag]
    /// The rules of all projects around the repository, by project and name.
    public let rules: [TagRuleFact]
    /// The last move of each tag that has moved.
    let moves: [Tag: TagMove]
    private let guards: [Tag: [TagGuardFact]]

    init(tags: [Tag], rules: [TagRuleFact], moves: [Tag: TagMove], guards: [Tag: [TagGuardFact]]) {
        (self.tags, self.rules, self.moves, self.guards) = (tags, rules, moves, guards)
    }

    /// Where a tag points; nil for nowhere.
    public func target(of tag: Tag) -> Digest? { moves[tag]?.digest }

    /// What somebody has said of a tag that holds now.
    public func word(_ kind: TagGuardFact.Kind, of tag: Tag) -> TagGuardFact? {
        guards[tag]?.first { $0.kind == kind }
    }
}

/// What somebody is, as far as rules ask it that protect tags.
///
/// It is asked at the commit, since a body may be long on its way.
public struct TagStanding: Sendable {
    private let answer: @Sendable (_ roles: [String], _ project: String) -> Bool

    /// Has a closure say whether somebody has one of some roles in a project or everywhere, or, where no roles are
    /// named, manages the project.
    public init(_ answer: @escaping @Sendable (_ roles: [String], _ project: String) -> Bool) {
        self.answer = answer
    }

    /// Nothing: of somebody who has no role, or of whom nothing is known.
    public static let none = TagStanding { _, _ in false }

    /// Whether somebody has one of the roles in a project or everywhere; without roles, whether they manage it.
    public func isOne(of roles: [String], in project: String) -> Bool {
        answer(roles, project)
    }
}

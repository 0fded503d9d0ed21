import ArgumentParser

/// What `wharf get` can show.
enum DeclaredKind: String, ExpressibleByArgument, CaseIterable, Sendable {
    case roles
    case users
    case groups
    case projects
    case robots
    case members
    case tokens
    case sessions
    case keys
    case all

    /// One of them alone is meant as well: `role` is `roles`.
    init?(argument: String) {
        guard let kind = Self(rawValue: argument) ?? Self(rawValue: argument + "s") else { return nil }
        self = kind
    }

    /// Whether a file can declare it.
    var isDeclarable: Bool {
        switch self {
        case .roles, .users, .groups, .projects, .robots, .members, .all: true
        case .tokens, .sessions, .keys: false
        }
    }

    /// What one is called.
    var noun: String { rawValue.hasSuffix("s") ? String(rawValue.dropLast()) : rawValue }
}

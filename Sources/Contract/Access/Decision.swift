/// Whether something may be done, and why.
public struct Decision: Hashable, Sendable {
    /// What decided.
    public enum Reason: Hashable, Sendable {
        /// A role that the caller has gives it.
        case granted(Grant, Policy)
        /// The repository is in a public project, where everyone may list and pull.
        case publicProject(String)
        /// Whoever may open the socket in the data folder may do everything.
        case localAdministrator
        /// A role that the caller has takes it.
        case denied(Grant, Policy)
        /// A project is not to be reached from where the call comes.
        case addressNotAllowed(String)
        /// The credential in use is limited to less.
        case beyondLimit
        /// Nothing gives it.
        case nothingAllows
    }

    /// What decided.
    public let reason: Reason

    /// Decides, for a reason.
    public init(_ reason: Reason) {
        self.reason = reason
    }

    /// Whether it may be done.
    public var isAllowed: Bool {
        switch reason {
        case .granted, .publicProject, .localAdministrator: true
        case .denied, .addressNotAllowed, .beyondLimit, .nothingAllows: false
        }
    }
}

extension Decision: CustomStringConvertible {
    /// A sentence for the audit and for who asks why; never for the caller who was refused.
    public var description: String {
        switch reason {
        case .granted(let grant, let policy): "allowed by \(Self.text(grant, policy))"
        case .publicProject(let name): "allowed because the project \(name) is public"
        case .localAdministrator: "allowed because the caller is the administrator of the machine"
        case .denied(let grant, let policy): "denied by \(Self.text(grant, policy))"
        case .addressNotAllowed(let name): "denied because the project \(name) is not open to the caller's address"
        case .beyondLimit: "denied because the credential in use is limited to less"
        case .nothingAllows: "denied because nothing allows it"
        }
    }

    private static func text(_ grant: Grant, _ policy: Policy) -> String {
        let actions = policy.actions.actions.map(\.rawValue).joined(separator: ", ")
        let place = grant.project.map { " in the project \($0)" } ?? ""
        return "the role \(grant.role), which \(grant.subject) has\(place): \(policy.effect.rawValue) \(actions) "
            + "on \(policy.repositories)"
    }
}

extension Subject: CustomStringConvertible {
    /// As the rules are written down, such as `group:staff`.
    public var description: String {
        switch self {
        case .user(let name): "user:\(name)"
        case .group(let name): "group:\(name)"
        case .robot(let name): "robot:\(name)"
        case .authenticated: "authenticated"
        case .anyone: "anyone"
        }
    }
}

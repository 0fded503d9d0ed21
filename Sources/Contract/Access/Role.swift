import NetworkAddress
import Selectors

/// What a role says of some repositories.
public struct Policy: Hashable, Sendable {
    /// Whether it gives or takes.
    public enum Effect: String, Hashable, Sendable, Codable {
        case allow
        case deny
    }

    /// Whether it gives or takes.
    public let effect: Effect
    /// The repositories that it is about.
    public let repositories: Glob
    /// What it gives or takes there.
    public let actions: ActionSet

    /// Gives or takes actions on the repositories of a pattern.
    public init(_ effect: Effect = .allow, _ repositories: Glob, _ actions: ActionSet) {
        self.effect = effect
        self.repositories = repositories
        self.actions = actions
    }
}

/// A name for what somebody may do.
public struct Role: Hashable, Sendable {
    /// The name, as grants give it.
    public let name: String
    /// What it says; a denial beats what allows, in whichever role either stands.
    public let policies: [Policy]

    /// Gives policies a name.
    public init(name: String, policies: [Policy]) {
        self.name = name
        self.policies = policies
    }
}

/// A role that somebody has, everywhere or in one project.
public struct Grant: Hashable, Sendable {
    /// Who has it.
    public let subject: Subject
    /// The name of the role.
    public let role: String
    /// The project it is held in; nil for all repositories.
    public let project: String?

    /// Gives somebody a role.
    public init(_ subject: Subject, role: String, project: String? = nil) {
        self.subject = subject
        self.role = role
        self.project = project
    }
}

/// A part of the names: the project's own name, as a repository, and all below it.
public struct Project: Hashable, Sendable {
    /// The first path component of its repositories, or more of them.
    public let name: String
    /// Whether everyone may list and pull there.
    public let isPublic: Bool
    /// The addresses that it may be reached from; empty for all.
    public let addresses: [AddressBlock]

    /// Names a project.
    public init(name: String, isPublic: Bool, addresses: [AddressBlock] = []) {
        self.name = name
        self.isPublic = isPublic
        self.addresses = addresses
    }

    /// Whether it may be reached from an address; one that is not known reaches what is open to all.
    func isOpen(to address: IPAddress?) -> Bool {
        guard !addresses.isEmpty else { return true }
        return address.map { address in addresses.contains { $0.contains(address) } } ?? false
    }

    /// Whether a repository belongs to it, or to a project within it.
    public func contains(_ repository: String) -> Bool {
        let (bytes, prefix) = (repository.utf8, name.utf8)
        guard bytes.starts(with: prefix) else { return false }
        let rest = bytes.dropFirst(prefix.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }
}

import AdminModel
import Foundation
import Identity
import Metadata

/// What the database holds, as the management shows it.
extension Facts {
    func users() throws -> [User] {
        let groups = try groupsByAccount()
        return try accounts().filter { $0.kind == .user }.map { User($0, groups: groups[$0.name] ?? []) }
    }

    func user(_ name: String) throws -> User? {
        guard let account = try account(name), account.kind == .user else { return nil }
        return User(account, groups: try groupsByAccount()[name] ?? [])
    }

    func group(_ name: String) throws -> Group? {
        try memberGroups().first { $0.name == name }
    }

    func memberGroups() throws -> [Group] {
        let members = Dictionary(grouping: try groupMembers(), by: \.group)
        return try groups().map { fact in
            Group(
                name: fact.name,
                members: members[fact.name, default: []].map(\.account),
                createdAt: Instant(fact.createdAt)
            )
        }
    }

    private func groupsByAccount() throws -> [String: [String]] {
        Dictionary(grouping: try groupMembers(), by: \.account).mapValues { $0.map(\.group) }
    }

    /// The rules of tags of a project as a file declares them; nil where it has none.
    func declaredTagRules(of project: String) throws -> [DeclaredTagRule]? {
        let rules = try tagRules(of: project).map { try TagRule($0).declared }
        return rules.isEmpty ? nil : rules
    }

    func robots() throws -> [AccountFact] {
        try accounts().filter { $0.kind == .robot }
    }

    func robot(_ name: String, at moment: Timestamp) throws -> Robot? {
        guard let account = try account(name), account.kind == .robot else { return nil }
        return try robot(account, at: moment)
    }

    func robot(_ account: AccountFact, at moment: Timestamp) throws -> Robot {
        Robot(
            name: account.name,
            project: account.project,
            description: account.description,
            isDisabled: account.disabledAt != nil,
            secrets: try robotSecrets(of: account.name, at: moment).map { RobotSecret($0) },
            createdAt: Instant(account.createdAt)
        )
    }

    /// The secrets of a robot that hold at a moment, the oldest first.
    func robotSecrets(of robot: String, at moment: Timestamp) throws -> [CredentialFact] {
        try credentials(.robot, of: robot, limit: Bounds.secretCountMax * 2)
            .filter { $0.expiresAt.map { $0 > moment } ?? true }
            .sorted { $0.createdAt < $1.createdAt }
    }

    func project(_ name: String) throws -> AdminModel.Project? {
        try projects().first { $0.name == name }.map { AdminModel.Project($0) }
    }

    /// Every role, built in or one's own, by name.
    func allRoles() throws -> [AdminModel.Role] {
        let own = try roles().map { AdminModel.Role(name: $0.name, policies: try Policies.read($0.policies)) }
        let names = Set(own.map(\.name))
        return (own + Policies.builtIn.filter { !names.contains($0.name) }).sorted { $0.name < $1.name }
    }

    func role(_ name: String) throws -> AdminModel.Role? {
        try allRoles().first { $0.name == name }
    }

    /// Who has which roles in a project, or everywhere, by subject.
    func members(of project: String?) throws -> [Member] {
        let grants = try grants().filter { $0.project == project }
        return Dictionary(grouping: grants, by: \.subject)
            .map { Member(subject: $0.key, roles: $0.value.map(\.role).sorted()) }
            .sorted { $0.subject < $1.subject }
    }
}

extension Instant {
    init(_ moment: Timestamp) {
        self.init(microseconds: moment.microseconds)
    }

    var timestamp: Timestamp { Timestamp(microseconds: microseconds) }
}

extension User {
    init(_ account: AccountFact, groups: [String]) {
        self.init(
            name: account.name,
            description: account.description,
            groups: groups,
            isDisabled: account.disabledAt != nil,
            hasPassword: account.password != nil,
            createdAt: Instant(account.createdAt)
        )
    }
}

extension RobotSecret {
    init(_ fact: CredentialFact) {
        self.init(
            id: fact.id,
            createdAt: Instant(fact.createdAt),
            expiresAt: fact.expiresAt.map { Instant($0) },
            addresses: fact.addresses.split(separator: " ").map(String.init),
            lastUsedAt: fact.lastUsedAt.map { Instant($0) },
            lastAddress: fact.lastAddress
        )
    }
}

extension AdminModel.Project {
    init(_ fact: ProjectFact) {
        self.init(
            name: fact.name,
            isPublic: fact.isPublic,
            addresses: fact.addresses.split(separator: " ").map(String.init),
            createdAt: Instant(fact.createdAt)
        )
    }
}

extension Token {
    init(_ fact: CredentialFact) throws {
        self.init(
            id: fact.id,
            user: fact.account,
            description: fact.label,
            policies: try fact.policies.map { try Policies.read($0) },
            addresses: fact.addresses.split(separator: " ").map(String.init),
            createdAt: Instant(fact.createdAt),
            expiresAt: fact.expiresAt.map { Instant($0) },
            lastUsedAt: fact.lastUsedAt.map { Instant($0) },
            lastAddress: fact.lastAddress
        )
    }
}

extension Session {
    init(_ fact: CredentialFact) {
        self.init(
            id: fact.id,
            user: fact.account,
            client: fact.client,
            createdAt: Instant(fact.createdAt),
            expiresAt: fact.expiresAt.map { Instant($0) },
            lastUsedAt: fact.lastUsedAt.map { Instant($0) },
            lastAddress: fact.lastAddress
        )
    }
}

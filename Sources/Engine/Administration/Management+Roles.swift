import Access
import AdminModel
import Identity
import Metadata

/// Roles and what they say.
extension Management {
    /// Roles, built in and one's own, by name.
    public func roles(after last: String?, limit: Int) async throws -> Page<AdminModel.Role> {
        try requireLogin()
        return Page(of: try await read { try $0.allRoles() }, by: \.name, after: last, limit: limit)
    }

    /// A role.
    public func role(_ name: String) async throws -> AdminModel.Role {
        try requireLogin()
        guard let role = try await read({ try $0.role(name) }) else { throw Bounds.missing("role \(name)") }
        return role
    }

    /// Says what a role gives and takes, and makes it where there is none.
    public func setRole(_ name: String, _ wanted: RolePolicies) async throws -> AdminModel.Role {
        let reason = try requireInstallation()
        try requireUnlimited()
        let name = try Self.ownRoleName(name)
        let text = try Policies.text(wanted.policies)
        return try await change("role.set", "role:\(name)", because: reason) { facts, details in
            try condition.check(try facts.role(name))
            try facts.setRole(RoleFact(name: name, policies: text))
            details["policies"] = text
            return AdminModel.Role(name: name, policies: wanted.policies)
        }
    }

    /// Deletes a role that nobody has.
    public func deleteRole(_ name: String) async throws {
        let reason = try requireInstallation()
        let name = try Self.ownRoleName(name)
        _ = try await change("role.delete", "role:\(name)", because: reason) { facts, _ in
            guard let role = try facts.role(name) else { throw Bounds.missing("role \(name)") }
            try condition.check(role)
            // It may deny: it must not go unseen.
            if let grant = try facts.grants().first(where: { $0.role == name }) {
                let place = grant.project.map { "in the project \($0)" } ?? "everywhere"
                throw Problem(.conflict, "\(grant.subject) has the role \(place): take it away first")
            }
            return try facts.deleteRole(name)
        }
    }

    /// A name that a role of one's own may have: what a built-in role says is known to all, and stays so.
    static func ownRoleName(_ name: String) throws -> String {
        guard !Access.Role.builtIn.contains(where: { $0.name == name }) else {
            throw Problem(.conflict, "the role \(name) is built in: choose another name", field: "name")
        }
        return try Bounds.name(name)
    }
}

import AdminModel
import Metadata

/// Groups and who is in them.
extension Management {
    /// Groups, by name.
    public func groups(after last: String?, limit: Int) async throws -> Page<Group> {
        try requireInstallation()
        return Page(of: try await read { try $0.memberGroups() }, by: \.name, after: last, limit: limit)
    }

    /// A group.
    public func group(_ name: String) async throws -> Group {
        try requireInstallation()
        guard let group = try await read({ try $0.group(name) }) else { throw Bounds.missing("group \(name)") }
        return group
    }

    /// Says who is in a group, and makes it where there is none.
    public func setGroup(_ name: String, _ members: GroupMembers) async throws -> Group {
        let reason = try requireInstallation()
        try requireUnlimited()
        let name = try Bounds.name(name)
        let members = try Bounds.names(members.members, field: "members")
        let moment = now
        return try await change("group.set", "group:\(name)", because: reason) { facts, details in
            try condition.check(try facts.group(name))
            details["members"] = members.joined(separator: ", ")
            return try Self.setGroup(name, members, at: moment, in: facts)
        }
    }

    static func setGroup(_ name: String, _ members: [String], at moment: Timestamp, in facts: Facts) throws -> Group {
        let current = try facts.group(name)
        if current == nil { _ = try facts.insertGroup(GroupFact(name: name, createdAt: moment)) }
        for member in current?.members ?? [] where !members.contains(member) {
            _ = try facts.deleteMember(member, of: name)
        }
        let accounts = Set(try facts.accounts().map(\.name))
        for member in members {
            guard accounts.contains(member) else {
                throw Problem(.unprocessable, "there is no account \(member)", field: "members")
            }
            try facts.insertMember(member, of: name)
        }
        guard let group = try facts.group(name) else { throw Bounds.missing("group \(name)") }
        return group
    }

    /// Deletes a group, which must have no roles.
    public func deleteGroup(_ name: String) async throws {
        let reason = try requireInstallation()
        _ = try await change("group.delete", "group:\(name)", because: reason) { facts, _ in
            guard let group = try facts.group(name) else { throw Bounds.missing("group \(name)") }
            try condition.check(group)
            // A role may deny: it must not go unseen.
            if let grant = try facts.grants().first(where: { $0.subject == "group:\(name)" }) {
                let place = grant.project.map { "in the project \($0)" } ?? "everywhere"
                throw Problem(.conflict, "the group has the role \(grant.role) \(place): take it away first")
            }
            return try facts.deleteGroup(name)
        }
    }
}

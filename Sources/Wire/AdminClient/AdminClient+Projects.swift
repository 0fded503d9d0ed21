public import AdminModel
import Outgoing

/// Projects, who has which roles, and the roles themselves.
extension AdminClient {
    /// Projects that the caller may see, by name.
    public func projects() -> AdminPages<Project> { pages("projects") }

    /// A project that the caller may see.
    public func project(_ name: String) async throws -> Tagged<Project> {
        try await read(Call(.get, ["projects", name]))
    }

    /// Makes a project.
    public func create(_ project: NewProject) async throws -> Project {
        try await value(Call(.post, ["projects"], body: Self.encoded(project)))
    }

    /// Says what a project is, and makes it where there is none.
    public func setProject(
        _ name: String,
        _ change: ProjectChange,
        if condition: Condition = .none
    ) async throws -> Project {
        try await value(Call(.put, ["projects", name], condition, body: Self.encoded(change)))
    }

    /// Deletes a project that has no robots; its repositories stay, or go with it to the trash.
    public func deleteProject(
        _ name: String,
        withRepositories: Bool = false,
        if condition: Condition = .none
    ) async throws {
        var call = Call(.delete, ["projects", name], condition)
        if withRepositories { call.query = [("withRepositories", "true")] }
        try await perform(call)
    }

    /// Who has which roles in a project, or everywhere, by subject.
    public func members(of project: String? = nil) -> AdminPages<Member> {
        AdminPages(client: self, call: Call(.get, Self.members(of: project)))
    }

    /// The roles that somebody has in a project, or everywhere.
    public func member(_ subject: String, of project: String? = nil) async throws -> Tagged<Member> {
        try await read(Call(.get, Self.members(of: project) + [subject]))
    }

    /// Says which roles somebody has in a project, or everywhere; none takes them away.
    public func setMember(
        _ subject: String,
        of project: String? = nil,
        _ roles: MemberRoles,
        if condition: Condition = .none
    ) async throws -> Member {
        try await value(Call(.put, Self.members(of: project) + [subject], condition, body: Self.encoded(roles)))
    }

    private static func members(of project: String?) -> [String] {
        project.map { ["projects", $0, "members"] } ?? ["members"]
    }

    /// Roles, built in and one's own, by name.
    public func roles() -> AdminPages<Role> { pages("roles") }

    /// A role.
    public func role(_ name: String) async throws -> Tagged<Role> {
        try await read(Call(.get, ["roles", name]))
    }

    /// Says what a role gives and takes, and makes it where there is none.
    public func setRole(
        _ name: String,
        _ policies: RolePolicies,
        if condition: Condition = .none
    ) async throws -> Role {
        try await value(Call(.put, ["roles", name], condition, body: Self.encoded(policies)))
    }

    /// Deletes a role that nobody has.
    public func deleteRole(_ name: String, if condition: Condition = .none) async throws {
        try await perform(Call(.delete, ["roles", name], condition))
    }
}

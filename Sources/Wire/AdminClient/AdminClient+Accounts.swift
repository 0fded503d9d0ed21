public import AdminModel
import Outgoing

/// Users, their passwords, and groups.
extension AdminClient {
    /// Users, by name.
    public func users() -> AdminPages<User> { pages("users") }

    /// A user.
    public func user(_ name: String) async throws -> Tagged<User> {
        try await read(Call(.get, ["users", name]))
    }

    /// Makes a user; the answer has the password where none was given.
    public func create(_ user: NewUser) async throws -> MadeUser {
        try await value(Call(.post, ["users"], body: Self.encoded(user)))
    }

    /// Changes a user; what is not given stays.
    public func change(_ name: String, _ change: UserChange, if condition: Condition = .none) async throws -> User {
        try await value(Call(.patch, ["users", name], condition, body: Self.encoded(change)))
    }

    /// Deletes a user, with their tokens, sessions, roles and places in groups.
    public func deleteUser(_ name: String, if condition: Condition = .none) async throws {
        try await perform(Call(.delete, ["users", name], condition))
    }

    /// Sets a password; the answer has it where none was given.
    public func setPassword(of name: String, _ change: PasswordChange) async throws -> GivenPassword {
        try await value(Call(.post, ["users", name, "password"], body: Self.encoded(change)))
    }

    /// Gives a user a password that was hashed elsewhere, and makes the user where there is none.
    public func importPassword(
        of name: String,
        _ password: PasswordImport,
        if condition: Condition = .none
    ) async throws -> User {
        try await value(Call(.put, ["users", name, "password-hash"], condition, body: Self.encoded(password)))
    }

    /// Groups, by name.
    public func groups() -> AdminPages<Group> { pages("groups") }

    /// A group.
    public func group(_ name: String) async throws -> Tagged<Group> {
        try await read(Call(.get, ["groups", name]))
    }

    /// Says who is in a group, and makes it where there is none.
    public func setGroup(
        _ name: String,
        _ members: GroupMembers,
        if condition: Condition = .none
    ) async throws -> Group {
        try await value(Call(.put, ["groups", name], condition, body: Self.encoded(members)))
    }

    /// Deletes a group that has no roles.
    public func deleteGroup(_ name: String, if condition: Condition = .none) async throws {
        try await perform(Call(.delete, ["groups", name], condition))
    }
}

public import AdminModel
import Outgoing

/// Personal tokens, and sessions.
extension AdminClient {
    /// Personal tokens, by id: the caller's, those of a user, or everybody's for `*`.
    public func tokens(of user: String? = nil) -> AdminPages<Token> { pages("tokens", query: [("user", user)]) }

    /// A personal token.
    public func token(_ id: String) async throws -> Tagged<Token> {
        try await read(Call(.get, ["tokens", id]))
    }

    /// Makes a personal token.
    public func create(_ token: NewToken) async throws -> MadeToken {
        try await value(Call(.post, ["tokens"], body: Self.encoded(token)))
    }

    /// Takes a personal token back.
    public func deleteToken(_ id: String, if condition: Condition = .none) async throws {
        try await perform(Call(.delete, ["tokens", id], condition))
    }

    /// Sessions, by id: the caller's, those of a user, or everybody's for `*`.
    public func sessions(of user: String? = nil) -> AdminPages<Session> { pages("sessions", query: [("user", user)]) }

    /// A session.
    public func session(_ id: String) async throws -> Tagged<Session> {
        try await read(Call(.get, ["sessions", id]))
    }

    /// Ends a session.
    public func endSession(_ id: String, if condition: Condition = .none) async throws {
        try await perform(Call(.delete, ["sessions", id], condition))
    }
}

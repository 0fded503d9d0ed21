public import AdminModel
import Outgoing

/// Who calls, who may do what, the keys that sign, and everything at once.
extension AdminClient {
    /// Who calls, and what they may manage.
    public func caller() async throws -> Caller {
        try await value(Call(.get, ["me"]))
    }

    /// Whether somebody may do something with a repository, and the rule that decides; the caller where `principal` is
    /// nil.
    public func explain(_ principal: String?, _ action: String, on repository: String) async throws -> Explanation {
        let query = [("principal", principal), ("action", action), ("repository", repository)]
        return try await value(Call(.get, ["access", "explain"], query: query))
    }

    /// The keys that sign tokens.
    public func keys() -> AdminPages<SigningKey> { pages("keys") }

    /// Makes a new key.
    public func rotateKey() async throws -> SigningKey {
        try await value(Call(.post, ["keys"]))
    }

    /// What happened, the newest first: what is looked for by the parameters of `/audit`.
    public func audit(_ query: [(name: String, value: String?)]) -> AdminPages<AuditEntry> {
        pages("audit", query: query)
    }

    /// Takes a key away, and with it every token that it signed.
    public func deleteKey(_ id: String) async throws {
        try await perform(Call(.delete, ["keys", id]))
    }

    /// Everything that can be declared, as it is.
    public func declaration() async throws -> Declaration {
        try await value(Call(.get, ["declaration"]))
    }

    /// Makes what is declared so, all or nothing; on a dry run only says what would change.
    public func apply(_ declaration: Declaration, isDryRun: Bool) async throws -> DeclarationResult {
        try await apply(json: Self.encoded(declaration), isDryRun: isDryRun)
    }

    /// The same for a declaration in JSON, in which the server refuses every key that it does not know.
    public func apply(json declaration: [UInt8], isDryRun: Bool) async throws -> DeclarationResult {
        let query = [("dryRun", isDryRun ? "true" : "false" as String?)]
        return try await value(Call(.post, ["declaration"], query: query, body: declaration))
    }
}

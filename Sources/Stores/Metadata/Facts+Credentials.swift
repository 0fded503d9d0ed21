/// Secrets that were handed out, and the keys that sign tokens.
extension Facts {
    /// The credential of a secret, by the secret's hash.
    public func credential(hash: String) throws -> CredentialFact? {
        try row(Statements.credential, .text(hash)).map(Self.credential)
    }

    /// At most `limit` credentials of an account, the oldest first.
    public func credentials(of account: String, limit: Int) throws -> [CredentialFact] {
        try rows(Statements.credentials, .text(account), .count(limit)).map(Self.credential)
    }

    /// Records a credential.
    public func insertCredential(_ credential: CredentialFact) throws {
        try run(
            Statements.insertCredential,
            .text(credential.secretHash),
            .text(credential.id),
            .text(credential.account),
            .text(credential.kind.rawValue),
            .text(credential.label),
            .optional(credential.policies),
            .time(credential.createdAt),
            .optional(credential.expiresAt)
        )
    }

    /// Takes a credential back; false when there is none.
    public func deleteCredential(id: String) throws -> Bool {
        try run(Statements.deleteCredential, .text(id)) > 0
    }

    /// Forgets the credentials that ended before a moment.
    public func deleteCredentials(endedBefore moment: Timestamp) throws {
        try run(Statements.deleteExpiredCredentials, .time(moment))
    }

    private static func credential(_ row: Row) throws -> CredentialFact {
        CredentialFact(
            id: try row.text(1),
            secretHash: try row.text(0),
            account: try row.text(2),
            kind: try row.value(3, CredentialFact.Kind.init),
            label: try row.text(4),
            policies: try row.optionalText(5),
            createdAt: try row.time(6),
            expiresAt: try row.optionalTime(7)
        )
    }

    /// The keys that sign tokens, the oldest first.
    public func signingKeys() throws -> [SigningKeyFact] {
        try rows(Statements.signingKeys).map { row in
            SigningKeyFact(id: try row.text(0), privateKey: try row.bytes(1), createdAt: try row.time(2))
        }
    }

    /// Records a key.
    public func insertSigningKey(_ key: SigningKeyFact) throws {
        try run(Statements.insertSigningKey, .text(key.id), .blob(key.privateKey), .time(key.createdAt))
    }

    /// Forgets a key; false when there is none.
    public func deleteSigningKey(id: String) throws -> Bool {
        try run(Statements.deleteSigningKey, .text(id)) > 0
    }
}

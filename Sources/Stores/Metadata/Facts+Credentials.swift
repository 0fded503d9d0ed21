/// Secrets that were handed out, and the keys that sign tokens.
extension Facts {
    /// The credential of a secret, by the secret's hash.
    public func credential(hash: String) throws -> CredentialFact? {
        try row(Statements.credential, .text(hash)).map(Self.credential)
    }

    /// The credential of an id.
    public func credential(id: String) throws -> CredentialFact? {
        try row(Statements.credentialByID, .text(id)).map(Self.credential)
    }

    /// At most `limit` credentials of a kind and behind an id, by id; of one account, or of all.
    public func credentials(
        _ kind: CredentialFact.Kind,
        of account: String? = nil,
        after last: String? = nil,
        limit: Int
    ) throws -> [CredentialFact] {
        let (kind, last, limit) = (SQLValue.text(kind.rawValue), SQLValue.text(last ?? ""), SQLValue.count(limit))
        let found =
            if let account {
                try rows(Statements.credentialsOfAccount, kind, .text(account), last, limit)
            } else {
                try rows(Statements.credentials, kind, last, limit)
            }
        return try found.map(Self.credential)
    }

    /// At most `limit` credentials, sessions apart, that end within a span of time, the first to end first.
    public func credentials(
        endingAfter start: Timestamp,
        before end: Timestamp,
        limit: Int
    ) throws -> [CredentialFact] {
        try rows(Statements.credentialsEnding, .time(start), .time(end), .count(limit)).map(Self.credential)
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
            .optional(credential.expiresAt),
            credential.epoch.map(SQLValue.integer) ?? .null,
            .text(credential.addresses),
            .text(credential.client)
        )
    }

    /// Has a credential end at a moment, if it does not end before; false when there is none.
    public func endCredential(id: String, at moment: Timestamp) throws -> Bool {
        try run(Statements.endCredential, .text(id), .time(moment)) > 0
    }

    /// Writes down that a credential was used; an earlier moment than the one that is known changes nothing.
    public func noteUse(of id: String, at moment: Timestamp, from address: String) throws {
        try run(Statements.noteCredentialUse, .text(id), .time(moment), .text(address))
    }

    /// Takes a credential back; false when there is none.
    ///
    /// Tokens that were made by it are refused until `until`, by when they have ended.
    public func deleteCredential(id: String, refusingTokensUntil until: Timestamp) throws -> Bool {
        guard try run(Statements.deleteCredential, .text(id)) > 0 else { return false }
        try run(Statements.insertEndedCredential, .text(id), .time(until))
        return true
    }

    /// Forgets the credentials that ended before a moment; how many there were.
    @discardableResult
    public func deleteCredentials(endedBefore moment: Timestamp) throws -> Int {
        try run(Statements.deleteExpiredCredentials, .time(moment))
    }

    /// The ids of credentials whose tokens are refused.
    public func endedCredentials() throws -> [String] {
        try rows(Statements.endedCredentials).map { try $0.text(0) }
    }

    /// Forgets what no token can stand for any more; how many there were.
    public func deleteEndedCredentials(before moment: Timestamp) throws -> Int {
        try run(Statements.deleteEndedCredentials, .time(moment))
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
            expiresAt: try row.optionalTime(7),
            epoch: try row.optionalInteger(8),
            addresses: try row.text(9),
            client: try row.text(10),
            lastUsedAt: try row.optionalTime(11),
            lastAddress: try row.optionalText(12)
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

    // MARK: Kept answers

    /// What a request with a key was answered, by the key's hash.
    public func keptAnswer(_ keyHash: String) throws -> KeptAnswerFact? {
        try row(Statements.keptAnswer, .text(keyHash)).map { row in
            KeptAnswerFact(
                keyHash: try row.text(0),
                requestHash: try row.text(1),
                answer: try row.bytes(2),
                createdAt: try row.time(3)
            )
        }
    }

    /// Keeps an answer; false when there is one for its key.
    public func insertKeptAnswer(_ answer: KeptAnswerFact) throws -> Bool {
        try run(
            Statements.insertKeptAnswer,
            .text(answer.keyHash),
            .text(answer.requestHash),
            .blob(answer.answer),
            .time(answer.createdAt)
        ) > 0
    }

    /// Forgets the answers that were given before a moment.
    public func deleteKeptAnswers(before moment: Timestamp) throws {
        try run(Statements.deleteKeptAnswers, .time(moment))
    }
}

/// Secrets that were handed out, keys that sign, and answers that are kept for a repeated request.
extension Statements {
    static let credentialsGroup = [
        credential, credentialByID, credentials, credentialsOfAccount, credentialsEnding, insertCredential,
        endCredential, noteCredentialUse, deleteCredential, deleteExpiredCredentials,
        insertEndedCredential, endedCredentials, deleteEndedCredentials,
        signingKeys, insertSigningKey, deleteSigningKey,
        keptAnswer, insertKeptAnswer, deleteKeptAnswers,
    ]

    static let credential = Statement(
        """
        SELECT secret_hash, id, account, kind, label, policies, created_at, expires_at, epoch, addresses, client,
                last_used_at, last_address
            FROM credential WHERE secret_hash = $1
        """
    )
    static let credentialByID = Statement(
        """
        SELECT secret_hash, id, account, kind, label, policies, created_at, expires_at, epoch, addresses, client,
                last_used_at, last_address
            FROM credential WHERE id = $1
        """
    )
    static let credentials = Statement(
        """
        SELECT secret_hash, id, account, kind, label, policies, created_at, expires_at, epoch, addresses, client,
                last_used_at, last_address
            FROM credential WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3
        """
    )
    static let credentialsOfAccount = Statement(
        """
        SELECT secret_hash, id, account, kind, label, policies, created_at, expires_at, epoch, addresses, client,
                last_used_at, last_address
            FROM credential WHERE kind = $1 AND account = $2 AND id > $3 ORDER BY id LIMIT $4
        """
    )
    static let credentialsEnding = Statement(
        """
        SELECT secret_hash, id, account, kind, label, policies, created_at, expires_at, epoch, addresses, client,
                last_used_at, last_address
            FROM credential WHERE kind <> 'refresh' AND expires_at >= $1 AND expires_at < $2
            ORDER BY expires_at, id LIMIT $3
        """
    )
    static let insertCredential = Statement(
        """
        INSERT INTO credential
            (secret_hash, id, account, kind, label, policies, created_at, expires_at, epoch, addresses, client)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """
    )
    static let endCredential = Statement(
        "UPDATE credential SET expires_at = $2 WHERE id = $1 AND (expires_at IS NULL OR $2 < expires_at)"
    )
    static let noteCredentialUse = Statement(
        """
        UPDATE credential SET last_used_at = $2, last_address = $3
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)
        """
    )
    static let deleteCredential = Statement("DELETE FROM credential WHERE id = $1")
    static let deleteExpiredCredentials = Statement("DELETE FROM credential WHERE expires_at < $1")

    static let insertEndedCredential = Statement(
        "INSERT INTO ended_credential (id, until) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING"
    )
    static let endedCredentials = Statement("SELECT id FROM ended_credential ORDER BY id")
    static let deleteEndedCredentials = Statement("DELETE FROM ended_credential WHERE until < $1")

    static let signingKeys = Statement("SELECT id, private_key, created_at FROM signing_key ORDER BY created_at, id")
    static let insertSigningKey = Statement(
        "INSERT INTO signing_key (id, private_key, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
    )
    static let deleteSigningKey = Statement("DELETE FROM signing_key WHERE id = $1")

    static let keptAnswer = Statement(
        "SELECT key_hash, request_hash, answer, created_at FROM kept_answer WHERE key_hash = $1"
    )
    static let insertKeptAnswer = Statement(
        """
        INSERT INTO kept_answer (key_hash, request_hash, answer, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (key_hash) DO NOTHING
        """
    )
    static let deleteKeptAnswers = Statement("DELETE FROM kept_answer WHERE created_at < $1")
}

/// What the management of accounts, credentials and projects needs besides the tables of ``Schema/access``.
extension Schema {
    /// - `account_link` says who of another source of identity has which account.
    /// - `account.project` is that of a robot which belongs to one; `credential.epoch` that of its account when a
    ///   session began; `addresses` are blocks with a space between, empty for everywhere.
    /// - `ended_credential` names credentials that were taken back, for as long as a token made by one could hold.
    /// - `kept_answer` is what an idempotency key was answered, sealed by that key.
    static let administration =
        groups + projectsAndAccounts + credentials + [
            Statement(
                """
                CREATE TABLE kept_answer (
                    key_hash TEXT {bytewise} NOT NULL PRIMARY KEY,
                    request_hash TEXT {bytewise} NOT NULL,
                    answer {bytes} NOT NULL,
                    created_at BIGINT NOT NULL
                ) {keyed}
                """
            ),
            Statement("CREATE INDEX kept_answer_by_age ON kept_answer (created_at)"),
        ]

    private static let groups = [
        Statement(
            """
            CREATE TABLE account_group (
                name TEXT {bytewise} NOT NULL PRIMARY KEY,
                created_at BIGINT NOT NULL
            ) {keyed}
            """
        ),
        Statement(
            "INSERT INTO account_group (name, created_at) SELECT DISTINCT group_name, 0 FROM group_member"
        ),
    ]

    private static let projectsAndAccounts = [
        Statement("ALTER TABLE account ADD COLUMN project TEXT {bytewise}"),
        Statement("ALTER TABLE account ADD COLUMN description TEXT NOT NULL DEFAULT ''"),
        Statement("ALTER TABLE project ADD COLUMN addresses TEXT NOT NULL DEFAULT ''"),
        Statement(
            """
            CREATE TABLE account_link (
                source TEXT {bytewise} NOT NULL,
                subject TEXT {bytewise} NOT NULL,
                account TEXT {bytewise} NOT NULL REFERENCES account (name) ON DELETE CASCADE,
                PRIMARY KEY (source, subject)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX account_link_by_account ON account_link (account)"),
    ]

    private static let credentials = [
        Statement("DROP INDEX credential_by_end"),
        Statement("CREATE INDEX credential_ending ON credential (expires_at, id)"),
        Statement("ALTER TABLE credential ADD COLUMN epoch BIGINT"),
        Statement("UPDATE credential SET epoch = CAST(label AS BIGINT), label = '' WHERE kind = 'refresh'"),
        Statement("ALTER TABLE credential ADD COLUMN addresses TEXT NOT NULL DEFAULT ''"),
        Statement("ALTER TABLE credential ADD COLUMN last_used_at BIGINT"),
        Statement("ALTER TABLE credential ADD COLUMN last_address TEXT"),
        Statement("ALTER TABLE credential ADD COLUMN client TEXT NOT NULL DEFAULT ''"),
        Statement(
            """
            CREATE TABLE ended_credential (
                id TEXT {bytewise} NOT NULL PRIMARY KEY,
                until BIGINT NOT NULL
            ) {keyed}
            """
        ),
    ]
}

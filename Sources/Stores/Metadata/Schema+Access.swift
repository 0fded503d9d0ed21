/// The tables of who may do what.
extension Schema {
    /// `epoch` grows when the tokens that an account was given before are to end.
    ///
    /// `access_change` has one row, whose number grows with each change of anything here: a server that remembers the
    /// rules asks it whether they are still so.
    static let access = [
        Statement(
            """
            CREATE TABLE account (
                name TEXT {bytewise} NOT NULL PRIMARY KEY,
                kind TEXT {bytewise} NOT NULL CHECK (kind IN ('user', 'robot')),
                password TEXT,
                epoch BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                disabled_at BIGINT
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE group_member (
                group_name TEXT {bytewise} NOT NULL,
                account TEXT {bytewise} NOT NULL REFERENCES account (name) ON DELETE CASCADE,
                PRIMARY KEY (group_name, account)
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE project (
                name TEXT {bytewise} NOT NULL PRIMARY KEY CHECK (name <> ''),
                is_public BIGINT NOT NULL CHECK (is_public IN (0, 1)),
                created_at BIGINT NOT NULL
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE role (
                name TEXT {bytewise} NOT NULL PRIMARY KEY,
                policies TEXT NOT NULL
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE role_grant (
                subject TEXT {bytewise} NOT NULL,
                role TEXT {bytewise} NOT NULL,
                project TEXT {bytewise} NOT NULL DEFAULT '',
                PRIMARY KEY (subject, role, project)
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE credential (
                secret_hash TEXT {bytewise} NOT NULL PRIMARY KEY,
                id TEXT {bytewise} NOT NULL UNIQUE,
                account TEXT {bytewise} NOT NULL REFERENCES account (name) ON DELETE CASCADE,
                kind TEXT {bytewise} NOT NULL CHECK (kind IN ('personal', 'robot', 'refresh')),
                label TEXT NOT NULL,
                policies TEXT,
                created_at BIGINT NOT NULL,
                expires_at BIGINT
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX credential_by_account ON credential (account, created_at, id)"),
        Statement("CREATE INDEX credential_by_end ON credential (expires_at)"),
        Statement(
            """
            CREATE TABLE signing_key (
                id TEXT {bytewise} NOT NULL PRIMARY KEY,
                private_key {bytes} NOT NULL,
                created_at BIGINT NOT NULL
            ) {keyed}
            """
        ),
        Statement("CREATE TABLE access_change (version BIGINT NOT NULL)"),
        Statement("INSERT INTO access_change (version) VALUES (0)"),
    ]
}

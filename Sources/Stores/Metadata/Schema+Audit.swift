/// The tables of the audit: what happened, and the seals that make a change of it visible.
extension Schema {
    /// - An entry without a seal has not been chained yet; `place` is its place among those of its seal, from 0.
    /// - A seal covers entries and the seal before it; `leaves` are the hashes of its entries, one after another.
    /// - A mark is signed: `head` says that the chain has come to a seal, `cut` that all up to it was pruned.
    /// - The lease has one row: who seals, and until when nobody else does.
    static let audit = auditEntries + auditSeals

    private static let auditEntries = [
        Statement(
            """
            CREATE TABLE audit_entry (
                id {identity},
                at BIGINT NOT NULL,
                principal TEXT {bytewise} NOT NULL,
                address TEXT {bytewise} NOT NULL,
                request_id TEXT {bytewise} NOT NULL,
                action TEXT {bytewise} NOT NULL,
                target TEXT {bytewise} NOT NULL,
                outcome TEXT {bytewise} NOT NULL CHECK (outcome IN ('allowed', 'denied', 'failed')),
                reason TEXT NOT NULL,
                details TEXT NOT NULL,
                times BIGINT NOT NULL,
                seal BIGINT,
                place BIGINT
            )
            """
        ),
        Statement("CREATE INDEX audit_entry_by_seal ON audit_entry (seal, place, id)"),
        Statement("CREATE INDEX audit_entry_by_time ON audit_entry (at, id)"),
        Statement("CREATE INDEX audit_entry_by_principal ON audit_entry (principal, at, id)"),
        Statement("CREATE INDEX audit_entry_by_target ON audit_entry (target, at, id)"),
    ]

    private static let auditSeals = [
        Statement(
            """
            CREATE TABLE audit_seal (
                number BIGINT NOT NULL PRIMARY KEY,
                sealed_at BIGINT NOT NULL,
                entry_count BIGINT NOT NULL,
                leaves {bytes} NOT NULL,
                previous TEXT {bytewise} NOT NULL,
                hash TEXT {bytewise} NOT NULL
            )
            """
        ),
        Statement(
            """
            CREATE TABLE audit_mark (
                kind TEXT {bytewise} NOT NULL CHECK (kind IN ('head', 'cut')),
                number BIGINT NOT NULL,
                hash TEXT {bytewise} NOT NULL,
                signed_at BIGINT NOT NULL,
                key_id TEXT {bytewise} NOT NULL,
                signature {bytes} NOT NULL,
                PRIMARY KEY (kind, number)
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE audit_key (
                id TEXT {bytewise} NOT NULL PRIMARY KEY,
                private_key {bytes} NOT NULL
            ) {keyed}
            """
        ),
        Statement("CREATE TABLE audit_lease (owner TEXT {bytewise} NOT NULL, until BIGINT NOT NULL)"),
        Statement("INSERT INTO audit_lease (owner, until) VALUES ('', 0)"),
    ]
}

/// What happened, and the seals over it.
extension Statements {
    static let auditGroup = [
        insertAuditEntry, unsealedAuditEntries, unsealedAuditCount, sealAuditEntry,
        auditEntriesOfSeal, strayAuditEntries, halfSealedAuditEntries,
        auditEntriesByTime, auditEntriesByPrincipal, auditEntriesByTarget,
        insertAuditSeal, newestAuditSeal, auditSeals,
        insertAuditMark, newestAuditMark, auditMarks, deleteAuditMarks,
        auditKeys, insertAuditKey, takeAuditLease, dropAuditLease,
        deleteAuditEntries, deleteAuditSeals,
    ]

    static let insertAuditEntry = Statement(
        """
        INSERT INTO audit_entry
            (at, principal, address, request_id, action, target, outcome, reason, details, times)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """
    )

    // MARK: Sealing

    static let unsealedAuditEntries = Statement(
        """
        SELECT id, seal, place, at, principal, address, request_id, action, target, outcome, reason, details, times
          FROM audit_entry
         WHERE seal IS NULL AND place IS NULL
         ORDER BY seal, place, id
         LIMIT $1
        """
    )
    static let unsealedAuditCount = Statement(
        "SELECT COUNT(*) FROM audit_entry WHERE seal IS NULL AND place IS NULL"
    )
    static let sealAuditEntry = Statement(
        "UPDATE audit_entry SET seal = $2, place = $3 WHERE id = $1 AND seal IS NULL RETURNING id"
    )

    static let insertAuditSeal = Statement(
        """
        INSERT INTO audit_seal (number, sealed_at, entry_count, leaves, previous, hash)
            VALUES ($1, $2, $3, $4, $5, $6)
        """
    )
    static let newestAuditSeal = Statement(
        """
        SELECT number, sealed_at, entry_count, leaves, previous, hash FROM audit_seal
            WHERE number <= $1 ORDER BY number DESC LIMIT 1
        """
    )
    static let auditSeals = Statement(
        """
        SELECT number, sealed_at, entry_count, leaves, previous, hash FROM audit_seal
            WHERE number > $1 ORDER BY number LIMIT $2
        """
    )

    static let insertAuditMark = Statement(
        """
        INSERT INTO audit_mark (kind, number, hash, signed_at, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (kind, number) DO NOTHING
        """
    )
    static let newestAuditMark = Statement(
        """
        SELECT number, kind, hash, signed_at, key_id, signature FROM audit_mark
            WHERE kind = $1 AND number <= $2 ORDER BY number DESC LIMIT 1
        """
    )
    static let auditMarks = Statement(
        """
        SELECT number, kind, hash, signed_at, key_id, signature FROM audit_mark
            WHERE kind = $1 AND number > $2 ORDER BY number LIMIT $3
        """
    )
    static let deleteAuditMarks = Statement("DELETE FROM audit_mark WHERE kind = $1 AND number <= $2")

    static let auditKeys = Statement("SELECT id, private_key FROM audit_key ORDER BY id")
    static let insertAuditKey = Statement("INSERT INTO audit_key (id, private_key) VALUES ($1, $2)")

    static let takeAuditLease = Statement(
        "UPDATE audit_lease SET owner = $1, until = $2 WHERE owner = $1 OR until < $3"
    )
    static let dropAuditLease = Statement("UPDATE audit_lease SET until = 0 WHERE owner = $1")

    static let deleteAuditEntries = Statement("DELETE FROM audit_entry WHERE seal <= $1")
    static let deleteAuditSeals = Statement("DELETE FROM audit_seal WHERE number <= $1")

    // MARK: Verifying

    static let auditEntriesOfSeal = Statement(
        """
        SELECT id, seal, place, at, principal, address, request_id, action, target, outcome, reason, details, times
          FROM audit_entry
         WHERE seal = $1
         ORDER BY place, id
         LIMIT $2
        """
    )
    static let strayAuditEntries = Statement(
        """
        SELECT id, seal, place, at, principal, address, request_id, action, target, outcome, reason, details, times
          FROM audit_entry
         WHERE seal >= $1 AND seal <= $2
         ORDER BY seal, place, id
         LIMIT $3
        """
    )
    static let halfSealedAuditEntries = Statement(
        """
        SELECT id, seal, place, at, principal, address, request_id, action, target, outcome, reason, details, times
          FROM audit_entry
         WHERE seal IS NULL AND place IS NOT NULL
         ORDER BY seal, place, id
         LIMIT $1
        """
    )

    // MARK: Searching

    static let auditEntriesByTime = Statement(
        """
        SELECT id, seal, place, at, principal, address, request_id, action, target, outcome, reason, details, times
          FROM audit_entry
         WHERE (at, id) < ($1, $2) AND at >= $3
         ORDER BY at DESC, id DESC
         LIMIT $4
        """
    )
    static let auditEntriesByPrincipal = Statement(
        """
        SELECT id, seal, place, at, principal, address, request_id, action, target, outcome, reason, details, times
          FROM audit_entry
         WHERE principal = $5 AND (at, id) < ($1, $2) AND at >= $3
         ORDER BY at DESC, id DESC
         LIMIT $4
        """
    )
    static let auditEntriesByTarget = Statement(
        """
        SELECT id, seal, place, at, principal, address, request_id, action, target, outcome, reason, details, times
          FROM audit_entry
         WHERE target = $5 AND (at, id) < ($1, $2) AND at >= $3
         ORDER BY at DESC, id DESC
         LIMIT $4
        """
    )
}

/// Reading stored bytes again, what was found to be damaged, and what is read-only.
extension Statements {
    static let careGroup = [
        blobsToLookAt, noteLook, quarantineBlob, releaseBlob, quarantinedBlobs, isQuarantinedByName,
        putDamage, deleteDamage, damage, damages, damageCounts, contentsAfter, contentOf, replaceContent,
        readOnlyScopes, setReadOnly, deleteReadOnly,
    ]

    // The moment is named twice, so that it bounds the search in an index of either engine.
    static let blobsToLookAt = Statement(
        """
        SELECT b.digest, b.byte_count, b.storage_key, b.stored_at, COALESCE(b.verified_at, b.stored_at)
          FROM blob b
         WHERE COALESCE(b.verified_at, b.stored_at) >= $1
           AND (COALESCE(b.verified_at, b.stored_at) > $1 OR b.digest > $2)
           AND COALESCE(b.verified_at, b.stored_at) < $3
           AND b.state = 'stored'
         ORDER BY COALESCE(b.verified_at, b.stored_at), b.digest
         LIMIT $4
        """
    )

    static let noteLook = Statement(
        "UPDATE blob SET verified_at = {now} WHERE digest = $1 AND storage_key = $2 AND state = 'stored'"
    )

    static let quarantineBlob = Statement(
        """
        UPDATE blob SET state = 'quarantined', verified_at = {now}
         WHERE digest = $1 AND storage_key = $2 AND state = 'stored'
        RETURNING byte_count
        """
    )

    static let releaseBlob = Statement(
        """
        UPDATE blob SET state = 'stored', verified_at = {now}
         WHERE digest = $1 AND storage_key = $2 AND state = 'quarantined'
        RETURNING byte_count
        """
    )

    static let quarantinedBlobs = Statement(
        """
        SELECT b.digest, b.byte_count, b.storage_key, b.stored_at,
               COALESCE((SELECT d.looked_at FROM damage d WHERE d.digest = b.digest AND d.kind = 'blob'), 0)
          FROM blob b
         WHERE b.state = 'quarantined' AND b.digest > $1
         ORDER BY b.digest
         LIMIT $2
        """
    )

    static let isQuarantinedByName = Statement(
        """
        SELECT COALESCE((
                   SELECT 1
                     FROM repository_blob l
                     JOIN blob b ON b.digest = l.digest
                    WHERE l.repository = r.id AND l.digest = $2 AND b.state = 'quarantined'
               ), 0)
          FROM repository r
         WHERE r.name = $1
        """
    )

    static let putDamage = Statement(
        """
        INSERT INTO damage (digest, kind, problem, found_at, looked_at) VALUES ($1, $2, $3, {now}, {now})
            ON CONFLICT (digest, kind) DO UPDATE SET problem = excluded.problem, looked_at = excluded.looked_at
        """
    )

    static let deleteDamage = Statement("DELETE FROM damage WHERE digest = $1 AND kind = $2")

    static let damage = Statement("SELECT 1 FROM damage WHERE digest = $1 AND kind = $2")

    static let damages = Statement(
        """
        SELECT d.digest, d.kind, d.problem, d.found_at, d.looked_at,
               (SELECT b.state FROM blob b WHERE b.digest = d.digest)
          FROM damage d
         WHERE (d.digest, d.kind) > ($1, $2)
         ORDER BY d.digest, d.kind
         LIMIT $3
        """
    )

    /// Counted to a bound, so that asking costs no more when much is damaged.
    static let damageCounts = Statement(
        """
        SELECT CAST(COALESCE(SUM(CASE WHEN c.kind = 'blob' THEN 1 ELSE 0 END), 0) AS BIGINT),
               CAST(COALESCE(SUM(CASE WHEN c.kind = 'manifest' THEN 1 ELSE 0 END), 0) AS BIGINT)
          FROM (SELECT kind FROM damage WHERE digest > '' ORDER BY digest, kind LIMIT $1) c
        """
    )

    static let contentsAfter = Statement(
        "SELECT digest, bytes FROM manifest_content WHERE digest > $1 ORDER BY digest LIMIT $2"
    )

    static let contentOf = Statement("SELECT bytes FROM manifest_content WHERE digest = $1")

    static let replaceContent = Statement(
        "UPDATE manifest_content SET byte_count = $2, bytes = $3 WHERE digest = $1"
    )

    static let readOnlyScopes = Statement("SELECT scope, reason, set_at, set_by FROM read_only ORDER BY scope")

    static let setReadOnly = Statement(
        """
        INSERT INTO read_only (scope, reason, set_at, set_by) VALUES ($1, $2, {now}, $3)
            ON CONFLICT (scope) DO UPDATE
           SET reason = excluded.reason, set_at = excluded.set_at, set_by = excluded.set_by
        """
    )

    static let deleteReadOnly = Statement("DELETE FROM read_only WHERE scope = $1")
}

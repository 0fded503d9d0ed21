/// Which manifests refer to which.
extension Statements {
    static let referrersGroup = [
        deleteTagEdges, referrers,
    ]

    static let deleteTagEdges = Statement("DELETE FROM edge WHERE repository = $1 AND tag = $2 AND tag <> ''")

    static let referrers = Statement(
        """
        SELECT m.repository, m.digest, m.media_type, m.artifact_type, m.subject, c.byte_count, m.pushed_at, m.pushed_by
          FROM edge e
          JOIN manifest m ON m.repository = e.repository AND m.digest = e.manifest
          JOIN manifest_content c ON c.digest = m.digest
         WHERE e.repository = (SELECT id FROM repository WHERE name = $1) AND e.child = $2 AND e.manifest > $3
           AND e.kind IN ('subject', 'fallback', 'cosign')
           AND (CAST($4 AS TEXT) IS NULL OR m.artifact_type = CAST($4 AS TEXT))
           AND 0 = (
                   SELECT COUNT(*)
                     FROM edge d
                    WHERE d.repository = e.repository AND d.child = e.child AND d.manifest = e.manifest
                      AND d.kind IN ('subject', 'fallback', 'cosign')
                      AND (d.kind < e.kind OR (d.kind = e.kind AND d.tag < e.tag))
               )
         ORDER BY e.manifest
         LIMIT $5
        """
    )
}

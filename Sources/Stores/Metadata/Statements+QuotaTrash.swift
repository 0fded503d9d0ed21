/// What comes to count, or does not any more, in quotas that the trash does not count in.
extension Statements {
    static let quotaTrashGroup = [namedLinks, spareLinks]

    /// Links of what a manifest names: 2 where it counts in a quota, 1 where the blob does by another one, else 0.
    static let namedLinks = Statement(
        """
        SELECT l.digest, b.byte_count,
               COALESCE((
                   SELECT 2 FROM quota_link c WHERE c.quota = $3 AND c.digest = e.child AND c.repository = e.repository
               ), (
                   SELECT 1 FROM quota_link o WHERE o.quota = $3 AND o.digest = e.child LIMIT 1
               ), 0)
          FROM edge e
          JOIN repository_blob l ON l.repository = e.repository AND l.digest = e.child
          JOIN blob b ON b.digest = l.digest
         WHERE e.repository = $1 AND e.manifest = $2 AND e.tag = '' AND e.kind IN ('config', 'layer', 'manifest')
        """
    )

    /// Links of what a manifest names that count in a quota, and that without it only the trash needs: 1 where the blob
    /// counts by another one, else 0.
    static let spareLinks = Statement(
        """
        SELECT l.digest, b.byte_count,
               COALESCE((
                   SELECT 1
                     FROM quota_link o
                    WHERE o.quota = $3 AND o.digest = l.digest AND NOT o.repository = $1
                    LIMIT 1
               ), 0)
          FROM edge e
          JOIN quota_link l ON l.quota = $3 AND l.digest = e.child AND l.repository = e.repository
          JOIN blob b ON b.digest = l.digest
         WHERE e.repository = $1 AND e.manifest = $2 AND e.tag = '' AND e.kind IN ('config', 'layer', 'manifest')
           AND (
                   SELECT 1
                     FROM edge o
                    WHERE o.repository = e.repository AND o.child = e.child AND NOT o.manifest = e.manifest
                      AND o.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ) IS NULL
           AND (
                   SELECT 1
                     FROM trash_edge t
                    WHERE t.repository = e.repository AND t.child = e.child
                      AND t.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ) = 1
        """
    )
}

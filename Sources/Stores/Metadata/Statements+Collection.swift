/// What nothing needs any more; how long something is so is measured by the clock of the database.
extension Statements {
    static let collectionGroup = [
        idleLinks, linksAfter, blobsAfter, restLink, markIdle, markChildrenIdle, insertFormerLink, recoverLink,
        deleteFormerLink, oldFormerLinks, deleteFormerLinks, doomBlob, dueBlobs, deleteDoomedBlob, deleteBlob,
        insertDoomedKey, doomedKeys, doomedKey, deleteDoomedKey, blobFate, needingLinks, trashNeedingLinks,
        linksOfBlob, linkTotals, holders,
        livingWithManifest, repositoriesOfManifest, doomedTotals, idleTotal, doomedKeyTotals,
    ]

    // A subselect with a limit stays what it is: an EXISTS may become a look at the whole table (PostgreSQL, "hashed
    // SubPlan").
    static let idleLinks = Statement(
        """
        SELECT l.repository, l.digest,
               COALESCE((
                   SELECT 1
                     FROM edge e
                    WHERE e.repository = l.repository AND e.child = l.digest
                      AND e.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ), (
                   SELECT 1
                     FROM trash_edge t
                    WHERE t.repository = l.repository AND t.child = l.digest
                      AND t.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ), 0),
               l.idle_since
          FROM repository_blob l
         WHERE l.idle_since <= {now} - $1 AND l.idle_since >= $2
         ORDER BY l.idle_since
         LIMIT $3
        """
    )

    static let linksAfter = Statement(
        """
        SELECT l.repository, l.digest,
               COALESCE((
                   SELECT 1
                     FROM edge e
                    WHERE e.repository = l.repository AND e.child = l.digest
                      AND e.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ), (
                   SELECT 1
                     FROM trash_edge t
                    WHERE t.repository = l.repository AND t.child = l.digest
                      AND t.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ), 0),
               CASE WHEN l.idle_since <= {now} THEN 1 ELSE 0 END
          FROM repository_blob l
         WHERE (l.repository, l.digest) > ($1, $2)
         ORDER BY l.repository, l.digest
         LIMIT $3
        """
    )

    static let blobsAfter = Statement(
        """
        SELECT b.digest, COALESCE((SELECT 1 FROM repository_blob l WHERE l.digest = b.digest LIMIT 1), 0),
               COALESCE((SELECT 1 FROM doomed_blob d WHERE d.digest = b.digest AND d.unlinked_at <= {now}), 0)
          FROM blob b
         WHERE b.digest > $1
         ORDER BY b.digest
         LIMIT $2
        """
    )

    static let restLink = Statement(
        "UPDATE repository_blob SET idle_since = NULL WHERE repository = $1 AND digest = $2"
    )

    static let markIdle = Statement(
        """
        UPDATE repository_blob SET idle_since = {now}
         WHERE repository = $1 AND digest = $2 AND (idle_since IS NULL OR idle_since > {now})
        """
    )

    static let markChildrenIdle = Statement(
        """
        UPDATE repository_blob SET idle_since = {now}
         WHERE repository = $1
           AND digest IN (SELECT child FROM edge WHERE repository = $1 AND manifest = $2 AND tag = '')
        """
    )

    static let insertFormerLink = Statement(
        """
        INSERT INTO former_link (repository, digest, removed_at) VALUES ($1, $2, {now})
            ON CONFLICT (repository, digest) DO UPDATE SET removed_at = excluded.removed_at
        """
    )

    static let recoverLink = Statement(
        """
        INSERT INTO repository_blob (repository, digest, linked_at, idle_since)
        SELECT f.repository, f.digest, CAST($3 AS BIGINT), {now}
          FROM former_link f
          JOIN blob b ON b.digest = f.digest
         WHERE f.repository = $1 AND f.digest = $2 AND b.state = 'stored'
            ON CONFLICT (repository, digest) DO NOTHING
        RETURNING digest
        """
    )

    static let deleteFormerLink = Statement("DELETE FROM former_link WHERE repository = $1 AND digest = $2")

    static let oldFormerLinks = Statement(
        """
        SELECT repository, digest, removed_at
          FROM former_link
         WHERE removed_at <= {now} - $1 AND removed_at >= $2
         ORDER BY removed_at
         LIMIT $3
        """
    )

    static let deleteFormerLinks = Statement("DELETE FROM former_link WHERE digest = $1")

    static let doomBlob = Statement(
        """
        INSERT INTO doomed_blob (digest, unlinked_at)
        SELECT CAST($1 AS TEXT), {now} WHERE NOT EXISTS (SELECT 1 FROM repository_blob WHERE digest = $1)
            ON CONFLICT (digest) DO UPDATE SET unlinked_at = excluded.unlinked_at
        """
    )

    static let dueBlobs = Statement(
        """
        SELECT d.digest, b.storage_key, b.byte_count, b.state,
               COALESCE((SELECT 1 FROM repository_blob l WHERE l.digest = d.digest LIMIT 1), 0), d.unlinked_at
          FROM doomed_blob d
          LEFT JOIN blob b ON b.digest = d.digest
         WHERE d.unlinked_at <= {now} - $1 AND d.unlinked_at >= $2
         ORDER BY d.unlinked_at
         LIMIT $3
        """
    )

    static let deleteDoomedBlob = Statement("DELETE FROM doomed_blob WHERE digest = $1")

    static let deleteBlob = Statement("DELETE FROM blob WHERE digest = $1")

    static let insertDoomedKey = Statement(
        """
        INSERT INTO doomed_key (storage_key, digest, byte_count, doomed_at) VALUES ($1, $2, $3, {now})
            ON CONFLICT (storage_key) DO NOTHING
        """
    )

    static let doomedKeys = Statement(
        """
        SELECT storage_key, digest, byte_count FROM doomed_key WHERE storage_key > $1 ORDER BY storage_key LIMIT $2
        """
    )

    static let doomedKey = Statement("SELECT 1 FROM doomed_key WHERE storage_key = $1")

    static let deleteDoomedKey = Statement("DELETE FROM doomed_key WHERE storage_key = $1 RETURNING storage_key")

    static let blobFate = Statement(
        """
        SELECT b.byte_count, b.stored_at, {now} - d.unlinked_at
          FROM blob b
          LEFT JOIN doomed_blob d ON d.digest = b.digest
         WHERE b.digest = $1
        """
    )

    static let needingLinks = Statement(
        """
        SELECT l.repository, COALESCE(t.name, r.name), {now} - l.idle_since, CASE WHEN t.name IS NULL THEN 0 ELSE 1 END
          FROM repository_blob l
          JOIN repository r ON r.id = l.repository
          LEFT JOIN trash t ON t.repository = l.repository AND t.name IS NOT NULL
         WHERE l.digest = $1
           AND COALESCE((
                   SELECT 1
                     FROM edge e
                    WHERE e.repository = l.repository AND e.child = l.digest
                      AND e.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ), 0) = 1
         ORDER BY l.repository
         LIMIT $2
        """
    )

    /// Where something in the trash needs a blob.
    static let trashNeedingLinks = Statement(
        """
        SELECT l.repository, COALESCE(t.name, r.name), {now} - l.idle_since, CASE WHEN t.name IS NULL THEN 0 ELSE 1 END
          FROM repository_blob l
          JOIN repository r ON r.id = l.repository
          LEFT JOIN trash t ON t.repository = l.repository AND t.name IS NOT NULL
         WHERE l.digest = $1
           AND COALESCE((
                   SELECT 1
                     FROM trash_edge e
                    WHERE e.repository = l.repository AND e.child = l.digest
                      AND e.kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ), 0) = 1
         ORDER BY l.repository
         LIMIT $2
        """
    )

    /// Of the first links: how many there are, of how many it is noted since when they are idle, and for how long the
    /// last of these is.
    static let linkTotals = Statement(
        """
        SELECT CAST(COUNT(*) AS BIGINT), CAST(COUNT(c.since) AS BIGINT), {now} - MAX(c.since)
          FROM (SELECT idle_since AS since FROM repository_blob WHERE digest = $1 ORDER BY repository LIMIT $2) c
        """
    )

    static let linksOfBlob = Statement(
        """
        SELECT l.repository, COALESCE(t.name, r.name), {now} - l.idle_since, CASE WHEN t.name IS NULL THEN 0 ELSE 1 END
          FROM repository_blob l
          JOIN repository r ON r.id = l.repository
          LEFT JOIN trash t ON t.repository = l.repository AND t.name IS NOT NULL
         WHERE l.digest = $1
         ORDER BY l.repository
         LIMIT $2
        """
    )

    static let holders = Statement(
        """
        SELECT manifest, kind
          FROM edge
         WHERE repository = $1 AND child = $2 AND kind IN ('config', 'layer', 'manifest')
         ORDER BY manifest
         LIMIT $3
        """
    )

    static let livingWithManifest = Statement(
        """
        SELECT m.repository, r.name, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT)
          FROM manifest m
          JOIN repository r ON r.id = m.repository
         WHERE m.digest = $1
           AND (SELECT t.id FROM trash t WHERE t.repository = m.repository AND t.name IS NOT NULL) IS NULL
         ORDER BY m.repository
         LIMIT $2
        """
    )

    static let repositoriesOfManifest = Statement(
        """
        SELECT m.repository, COALESCE(t.name, r.name), t.id,
               CASE WHEN t.purge_at = 0 THEN 0
                    ELSE COALESCE((SELECT w.purge_at FROM trash w WHERE w.id = t.project_entry), t.purge_at) END
          FROM manifest m
          JOIN repository r ON r.id = m.repository
          LEFT JOIN trash t ON t.repository = m.repository AND t.name IS NOT NULL
         WHERE m.digest = $1
         ORDER BY m.repository
         LIMIT $2
        """
    )

    /// Counted to a bound, so that asking costs no more when much is on its way out.
    static let doomedTotals = Statement(
        """
        SELECT CAST(COUNT(c.byte_count) AS BIGINT), CAST(COALESCE(SUM(c.byte_count), 0) AS BIGINT)
          FROM (SELECT (
                    SELECT b.byte_count
                      FROM blob b
                     WHERE b.digest = d.digest
                       AND (SELECT 1 FROM repository_blob l WHERE l.digest = d.digest LIMIT 1) IS NULL
                ) AS byte_count
                  FROM doomed_blob d
                 WHERE d.unlinked_at > 0
                 ORDER BY d.unlinked_at
                 LIMIT $1) c
        """
    )

    static let idleTotal = Statement(
        """
        SELECT CAST(COUNT(*) AS BIGINT), MIN(c.since)
          FROM (SELECT idle_since AS since
                  FROM repository_blob
                 WHERE idle_since > 0
                 ORDER BY idle_since
                 LIMIT $1) c
        """
    )

    static let doomedKeyTotals = Statement(
        """
        SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(c.byte_count), 0) AS BIGINT)
          FROM (SELECT byte_count FROM doomed_key WHERE storage_key > '' ORDER BY storage_key LIMIT $1) c
        """
    )
}

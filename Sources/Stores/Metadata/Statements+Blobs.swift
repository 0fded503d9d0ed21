/// Blobs, and the links that let a repository read them.
extension Statements {
    static let blobsGroup = [
        blob, standingBlob, linkedBlob, linkedBlobByName, insertBlob, replaceBlob, link, linkByName, unlink, hasLink,
        isReferenced,
        repositoriesLinking, blobs,
    ]

    static let blob = Statement(
        """
        SELECT b.digest, b.byte_count, b.storage_key, b.stored_at
          FROM blob b
         WHERE b.digest = $1 AND b.state = 'stored'
        """
    )

    static let standingBlob = Statement(
        """
        SELECT b.digest, b.byte_count, b.storage_key, b.stored_at,
               CASE WHEN EXISTS (SELECT 1 FROM repository_blob l WHERE l.digest = $1) THEN 1 ELSE 0 END, b.state
          FROM blob b
         WHERE b.digest = $1
        """
    )

    static let linkedBlob = Statement(
        """
        SELECT l.repository, l.linked_at, b.digest, b.byte_count, b.storage_key, b.stored_at
          FROM repository_blob l
          JOIN blob b ON b.digest = l.digest
         WHERE l.repository = $1 AND l.digest = $2 AND b.state = 'stored'
        """
    )

    static let linkedBlobByName = Statement(
        """
        SELECT l.repository, l.linked_at, b.digest, b.byte_count, b.storage_key, b.stored_at
          FROM repository_blob l
          JOIN blob b ON b.digest = l.digest
         WHERE l.repository = (SELECT id FROM repository WHERE name = $1) AND l.digest = $2 AND b.state = 'stored'
        """
    )

    static let insertBlob = Statement(
        """
        INSERT INTO blob (digest, byte_count, storage_key, stored_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (digest) DO UPDATE
           SET byte_count = excluded.byte_count, storage_key = excluded.storage_key, stored_at = excluded.stored_at,
               verified_at = NULL, state = 'stored'
         WHERE blob.state <> 'stored'
        """
    )

    static let replaceBlob = Statement(
        """
        UPDATE blob
           SET byte_count = $2, storage_key = $3, stored_at = $4, verified_at = NULL
         WHERE digest = $1
        """
    )

    static let link = Statement(
        """
        INSERT INTO repository_blob (repository, digest, linked_at, idle_since) VALUES ($1, $2, $3, {now})
            ON CONFLICT (repository, digest) DO UPDATE
           SET linked_at = CASE WHEN repository_blob.linked_at < excluded.linked_at THEN excluded.linked_at
                                ELSE repository_blob.linked_at END,
               idle_since = excluded.idle_since
        """
    )

    static let linkByName = Statement(
        """
        INSERT INTO repository_blob (repository, digest, linked_at, idle_since)
        SELECT id, CAST($2 AS TEXT), CAST($3 AS BIGINT), {now} FROM repository WHERE name = $1
            ON CONFLICT (repository, digest) DO UPDATE
           SET linked_at = CASE WHEN repository_blob.linked_at < excluded.linked_at THEN excluded.linked_at
                                ELSE repository_blob.linked_at END,
               idle_since = excluded.idle_since
        """
    )

    static let unlink = Statement("DELETE FROM repository_blob WHERE repository = $1 AND digest = $2")

    static let hasLink = Statement(
        """
        SELECT 1
          FROM repository_blob l
          JOIN blob b ON b.digest = l.digest
         WHERE l.repository = $1 AND l.digest = $2 AND b.state = 'stored'
        """
    )

    static let isReferenced = Statement(
        """
        SELECT CASE WHEN (
                   SELECT 1
                     FROM edge
                    WHERE repository = $1 AND child = $2 AND kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ) = 1 THEN 2 ELSE COALESCE((
                   SELECT 1
                     FROM trash_edge
                    WHERE repository = $1 AND child = $2 AND kind IN ('config', 'layer', 'manifest')
                    LIMIT 1
               ), 0) END
        """
    )

    static let repositoriesLinking = Statement(
        """
        SELECT r.name
          FROM repository_blob l
          JOIN repository r ON r.id = l.repository
         WHERE l.digest = $1 AND (SELECT state FROM blob WHERE digest = $1) = 'stored'
         ORDER BY l.repository
         LIMIT $2
        """
    )

    static let blobs = Statement(
        """
        SELECT b.digest, b.byte_count, b.storage_key, b.stored_at
          FROM blob b
         WHERE b.digest > $1 AND b.state = 'stored'
         ORDER BY b.digest
         LIMIT $2
        """
    )
}

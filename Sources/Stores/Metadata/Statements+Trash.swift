/// What was deleted and can be brought back; how long it stays is measured by the clock of the database.
extension Statements {
    static let trashGroup = [
        insertTrashOfManifest, insertTrashOfTag, insertTrashOfRepository, trashManifest, trashEdges, trashTagEdges,
        insertTrashTag, renameRepository, trashEntry, trashEntries, trashOfRepository, trashedRepositories,
        trashedTags, trashedManifest, trashOfManifest, trashTags, restoreManifest, restoreEdges, restoreTagEdges,
    ]

    // MARK: Into it

    static let insertTrashOfManifest = Statement(
        """
        INSERT INTO trash (kind, repository, digest, byte_count, deleted_at, deleted_by, purge_at)
        SELECT 'manifest', m.repository, m.digest, c.byte_count, {now}, CAST($3 AS TEXT), {now} + CAST($4 AS BIGINT)
          FROM manifest m
          JOIN manifest_content c ON c.digest = m.digest
         WHERE m.repository = $1 AND m.digest = $2
        RETURNING id
        """
    )

    static let insertTrashOfTag = Statement(
        """
        INSERT INTO trash (kind, repository, tag, digest, deleted_at, deleted_by, purge_at)
        VALUES ('tag', $1, $2, $3, {now}, $4, {now} + CAST($5 AS BIGINT))
        RETURNING id
        """
    )

    static let insertTrashOfRepository = Statement(
        """
        INSERT INTO trash (kind, repository, name, deleted_at, deleted_by, purge_at)
        SELECT 'repository', id, name, {now}, CAST($2 AS TEXT),
               CASE WHEN CAST($3 AS BIGINT) = 0 THEN 0 ELSE {now} + CAST($3 AS BIGINT) END
          FROM repository
         WHERE name = $1
        RETURNING id, repository
        """
    )

    static let trashManifest = Statement(
        """
        INSERT INTO trash_manifest (entry, repository, digest, media_type, artifact_type, subject, pushed_at, pushed_by)
        SELECT CAST($3 AS BIGINT), repository, digest, media_type, artifact_type, subject, pushed_at, pushed_by
          FROM manifest
         WHERE repository = $1 AND digest = $2
        """
    )

    static let trashEdges = Statement(
        """
        INSERT INTO trash_edge (entry, repository, manifest, child, kind, tag)
        SELECT CAST($3 AS BIGINT), repository, manifest, child, kind, tag
          FROM edge
         WHERE repository = $1 AND manifest = $2 AND tag = ''
        """
    )

    static let trashTagEdges = Statement(
        """
        INSERT INTO trash_edge (entry, repository, manifest, child, kind, tag)
        SELECT CAST($3 AS BIGINT), repository, manifest, child, kind, tag
          FROM edge
         WHERE repository = $1 AND tag = $2 AND tag <> ''
        """
    )

    static let insertTrashTag = Statement("INSERT INTO trash_tag (entry, name) VALUES ($1, $2)")

    static let renameRepository = Statement("UPDATE repository SET name = $2, project = $3 WHERE id = $1")

    // MARK: Looking

    static let trashEntry = Statement(
        """
        SELECT t.id,
               CASE WHEN (SELECT p.entry FROM trash_project p WHERE p.entry = t.id) IS NULL THEN t.kind
                    ELSE 'project' END,
               t.repository, COALESCE(o.name, r.name), t.tag, t.digest, t.byte_count, t.deleted_at, t.deleted_by,
               CASE WHEN t.purge_at = 0 THEN 0
                    ELSE COALESCE((SELECT w.purge_at FROM trash w WHERE w.id = t.project_entry), t.purge_at) END,
               o.id, t.project_entry
          FROM trash t
          JOIN repository r ON r.id = t.repository
          LEFT JOIN trash o ON o.repository = t.repository AND o.name IS NOT NULL
         WHERE t.id = $1
        """
    )

    static let trashEntries = Statement(
        """
        SELECT t.id,
               CASE WHEN (SELECT p.entry FROM trash_project p WHERE p.entry = t.id) IS NULL THEN t.kind
                    ELSE 'project' END,
               t.repository, COALESCE(o.name, r.name), t.tag, t.digest, t.byte_count, t.deleted_at, t.deleted_by,
               CASE WHEN t.purge_at = 0 THEN 0
                    ELSE COALESCE((SELECT w.purge_at FROM trash w WHERE w.id = t.project_entry), t.purge_at) END,
               o.id, t.project_entry
          FROM trash t
          JOIN repository r ON r.id = t.repository
          LEFT JOIN trash o ON o.repository = t.repository AND o.name IS NOT NULL
         WHERE t.id < $1
         ORDER BY t.id DESC
         LIMIT $2
        """
    )

    static let trashOfRepository = Statement(
        """
        SELECT t.id, t.kind, t.repository, CAST($1 AS TEXT), t.tag, t.digest, t.byte_count, t.deleted_at, t.deleted_by,
               t.purge_at, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT)
          FROM trash t
         WHERE t.repository = (SELECT id FROM repository WHERE name = $1) AND t.id < $2
         ORDER BY t.id DESC
         LIMIT $3
        """
    )

    static let trashedRepositories = Statement(
        """
        SELECT t.id,
               CASE WHEN (SELECT p.entry FROM trash_project p WHERE p.entry = t.id) IS NULL THEN t.kind
                    ELSE 'project' END,
               t.repository, t.name, t.tag, t.digest, t.byte_count, t.deleted_at, t.deleted_by,
               CASE WHEN t.purge_at = 0 THEN 0
                    ELSE COALESCE((SELECT w.purge_at FROM trash w WHERE w.id = t.project_entry), t.purge_at) END,
               t.id, t.project_entry
          FROM trash t
         WHERE t.name = $1 AND t.id < $2
         ORDER BY t.id DESC
         LIMIT $3
        """
    )

    static let trashedTags = Statement(
        """
        SELECT id, tag
          FROM trash
         WHERE repository = $1 AND digest = $2 AND kind = 'tag'
         ORDER BY id DESC
         LIMIT $3
        """
    )

    static let trashedManifest = Statement(
        """
        SELECT id FROM trash WHERE repository = $1 AND digest = $2 AND kind = 'manifest' ORDER BY id DESC LIMIT 1
        """
    )

    /// Where a manifest is in the trash, and by which deletion: its own, or that of its repository.
    static let trashOfManifest = Statement(
        """
        SELECT m.repository, COALESCE(o.name, r.name), COALESCE(o.id, t.id),
               CASE WHEN o.purge_at = 0 THEN 0
                    ELSE COALESCE((SELECT w.purge_at FROM trash w WHERE w.id = o.project_entry), o.purge_at, t.purge_at)
               END
          FROM trash_manifest m
          JOIN trash t ON t.id = m.entry
          JOIN repository r ON r.id = m.repository
          LEFT JOIN trash o ON o.repository = m.repository AND o.name IS NOT NULL
         WHERE m.digest = $1
         ORDER BY m.repository
         LIMIT $2
        """
    )

    static let trashTags = Statement("SELECT name FROM trash_tag WHERE entry = $1 ORDER BY name")

    // MARK: Back

    static let restoreManifest = Statement(
        """
        INSERT INTO manifest (repository, digest, media_type, artifact_type, subject, pushed_at, pushed_by)
        SELECT repository, digest, media_type, artifact_type, subject, pushed_at, pushed_by
          FROM trash_manifest
         WHERE entry = $1
            ON CONFLICT (repository, digest) DO NOTHING
        RETURNING digest
        """
    )

    static let restoreEdges = Statement(
        """
        INSERT INTO edge (repository, manifest, child, kind, tag)
        SELECT repository, manifest, child, kind, tag
          FROM trash_edge
         WHERE entry = $1 AND tag = ''
            ON CONFLICT (repository, manifest, child, kind, tag) DO NOTHING
        """
    )

    static let restoreTagEdges = Statement(
        """
        INSERT INTO edge (repository, manifest, child, kind, tag)
        SELECT repository, manifest, child, kind, tag
          FROM trash_edge
         WHERE entry = $1 AND tag = $2
            ON CONFLICT (repository, manifest, child, kind, tag) DO NOTHING
        """
    )
}

/// How what is in the trash goes for good, and what would go with something that is there.
extension Statements {
    static let trashPurgingGroup = [
        dueTrash, beginPurge, markTrashChildrenIdle, deleteTrashEdges, deleteTrashTags, deleteTrashManifest,
        deleteTrash, trashWithin, deleteTagsOf, deleteEdgesOf, deleteTagEventsOf, deleteTagGuardsOf, manifestsOf,
        linksOf, subjectReferrers, otherTrashOfManifest,
        deleteRepository, trashHolders, linkElsewhere, contentElsewhere, contentSize, blobSize, linkSizes,
    ]

    static let dueTrash = Statement(
        """
        SELECT t.id,
               CASE WHEN (SELECT p.entry FROM trash_project p WHERE p.entry = t.id) IS NULL THEN t.kind
                    ELSE 'project' END,
               t.repository
          FROM trash t
         WHERE t.purge_at <= {now}
         ORDER BY t.purge_at, t.id
         LIMIT $1
        """
    )

    static let beginPurge = Statement("UPDATE trash SET purge_at = 0 WHERE id = $1 AND purge_at > 0")

    static let markTrashChildrenIdle = Statement(
        """
        UPDATE repository_blob SET idle_since = {now}
         WHERE repository = $1 AND digest IN (SELECT child FROM trash_edge WHERE entry = $2 AND tag = '')
        """
    )

    static let deleteTrashEdges = Statement("DELETE FROM trash_edge WHERE entry = $1")

    static let deleteTrashTags = Statement("DELETE FROM trash_tag WHERE entry = $1")

    static let deleteTrashManifest = Statement("DELETE FROM trash_manifest WHERE entry = $1")

    static let deleteTrash = Statement("DELETE FROM trash WHERE id = $1")

    // MARK: Referrers

    /// Manifests that refer to one, whether something else holds each (a tag, or an index that is made of it), and when
    /// each was pushed.
    static let subjectReferrers = Statement(
        """
        SELECT e.manifest,
               COALESCE(
                   (SELECT 1 FROM tag t WHERE t.repository = e.repository AND t.digest = e.manifest LIMIT 1),
                   (SELECT 1 FROM edge p
                     WHERE p.repository = e.repository AND p.child = e.manifest AND p.kind = 'manifest' LIMIT 1),
                   (SELECT 1 FROM trash_edge p
                     WHERE p.repository = e.repository AND p.child = e.manifest AND p.kind = 'manifest' LIMIT 1),
                   0),
               m.pushed_at
          FROM edge e
          JOIN manifest m ON m.repository = e.repository AND m.digest = e.manifest
         WHERE e.repository = $1 AND e.child = $2 AND e.manifest > $3 AND e.kind = 'subject'
         ORDER BY e.manifest
         LIMIT $4
        """
    )

    static let otherTrashOfManifest = Statement(
        "SELECT id FROM trash WHERE repository = $1 AND digest = $2 AND kind = 'manifest' AND NOT (id = $3) LIMIT 1"
    )

    // MARK: A repository

    static let trashWithin = Statement(
        """
        SELECT id, kind, digest FROM trash WHERE repository = $1 AND name IS NULL ORDER BY id LIMIT $2
        """
    )

    static let deleteTagsOf = Statement(
        """
        DELETE FROM tag
         WHERE (repository, name) IN (SELECT repository, name FROM tag WHERE repository = $1 ORDER BY name LIMIT $2)
        RETURNING name
        """
    )

    static let deleteEdgesOf = Statement(
        """
        DELETE FROM edge
         WHERE (repository, manifest, child, kind, tag) IN (
                   SELECT repository, manifest, child, kind, tag
                     FROM edge
                    WHERE repository = $1
                    ORDER BY manifest, child, kind, tag
                    LIMIT $2
               )
        """
    )

    static let deleteTagEventsOf = Statement(
        """
        DELETE FROM tag_event
         WHERE (repository, name, version) IN (
                   SELECT repository, name, version
                     FROM tag_event
                    WHERE repository = $1
                    ORDER BY name, version
                    LIMIT $2
               )
        """
    )

    static let deleteTagGuardsOf = Statement(
        """
        DELETE FROM tag_guard
         WHERE (repository, name, kind) IN (
                   SELECT repository, name, kind
                     FROM tag_guard
                    WHERE repository = $1
                    ORDER BY name, kind
                    LIMIT $2
               )
        """
    )

    static let manifestsOf = Statement(
        "SELECT digest FROM manifest WHERE repository = $1 ORDER BY digest LIMIT $2"
    )

    static let linksOf = Statement(
        "SELECT digest FROM repository_blob WHERE repository = $1 ORDER BY digest LIMIT $2"
    )

    static let deleteRepository = Statement("DELETE FROM repository WHERE id = $1")

    // MARK: What would go

    static let trashHolders = Statement(
        """
        SELECT manifest, kind
          FROM trash_edge
         WHERE repository = $1 AND child = $2 AND kind IN ('config', 'layer', 'manifest')
         LIMIT $3
        """
    )

    static let linkElsewhere = Statement(
        "SELECT 1 FROM repository_blob WHERE digest = $1 AND NOT (repository = $2) LIMIT 1"
    )

    static let contentElsewhere = Statement(
        """
        SELECT COALESCE(
                   (SELECT 1 FROM manifest m WHERE m.digest = $1 AND NOT (m.repository = $2) LIMIT 1),
                   (SELECT 1 FROM trash_manifest t WHERE t.digest = $1 AND NOT (t.repository = $3) LIMIT 1), 0)
        """
    )

    static let contentSize = Statement("SELECT byte_count FROM manifest_content WHERE digest = $1")

    static let blobSize = Statement("SELECT byte_count FROM blob WHERE digest = $1")

    static let linkSizes = Statement(
        """
        SELECT l.digest, b.byte_count,
               COALESCE((
                   SELECT 1 FROM repository_blob o WHERE o.digest = l.digest AND o.repository <> l.repository LIMIT 1
               ), 0)
          FROM repository_blob l
          JOIN blob b ON b.digest = l.digest
         WHERE l.repository = $1
         ORDER BY l.digest
         LIMIT $2
        """
    )
}

/// Manifests, their bytes, and what they name.
extension Statements {
    static let manifestsGroup = [
        manifestByName, contentByName, contentTagged, manifestMediaType, insertContent, insertManifest, insertEdge,
        deleteEdges, tagsOfManifest, deleteManifest, deleteContent, parents, edges, manifests,
    ]

    static let manifestByName = Statement(
        """
        SELECT m.repository, m.digest, m.media_type, m.artifact_type, m.subject, c.byte_count, m.pushed_at, m.pushed_by,
               c.bytes
          FROM manifest m
          JOIN manifest_content c ON c.digest = m.digest
         WHERE m.repository = (SELECT id FROM repository WHERE name = $1) AND m.digest = $2
        """
    )

    static let contentByName = Statement(
        """
        SELECT m.digest, m.media_type, c.bytes
          FROM manifest m
          JOIN manifest_content c ON c.digest = m.digest
         WHERE m.repository = (SELECT id FROM repository WHERE name = $1) AND m.digest = $2
        """
    )

    static let contentTagged = Statement(
        """
        SELECT m.digest, m.media_type, c.bytes
          FROM tag t
          JOIN manifest m ON m.repository = t.repository AND m.digest = t.digest
          JOIN manifest_content c ON c.digest = m.digest
         WHERE t.repository = (SELECT id FROM repository WHERE name = $1) AND t.name = $2
        """
    )

    static let manifestMediaType = Statement(
        """
        SELECT media_type,
               COALESCE((SELECT 1 FROM damage d WHERE d.digest = $2 AND d.kind = 'manifest'), 0)
          FROM manifest
         WHERE repository = $1 AND digest = $2
        """
    )

    static let insertContent = Statement(
        """
        INSERT INTO manifest_content (digest, byte_count, bytes) VALUES ($1, $2, $3)
            ON CONFLICT (digest) DO NOTHING
        """
    )

    static let insertManifest = Statement(
        """
        INSERT INTO manifest (repository, digest, media_type, artifact_type, subject, pushed_at, pushed_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (repository, digest) DO UPDATE
           SET media_type = excluded.media_type, artifact_type = excluded.artifact_type, subject = excluded.subject,
               pushed_at = excluded.pushed_at, pushed_by = excluded.pushed_by
        """
    )

    static let insertEdge = Statement(
        """
        INSERT INTO edge (repository, manifest, child, kind, tag) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (repository, manifest, child, kind, tag) DO NOTHING
        """
    )

    static let deleteEdges = Statement("DELETE FROM edge WHERE repository = $1 AND manifest = $2 AND tag = ''")

    static let tagsOfManifest = Statement(
        """
        SELECT name FROM tag WHERE repository = $1 AND digest = $2 ORDER BY name LIMIT $3
        """
    )

    static let deleteManifest = Statement("DELETE FROM manifest WHERE repository = $1 AND digest = $2")

    static let deleteContent = Statement(
        """
        DELETE FROM manifest_content
         WHERE digest = $1 AND NOT EXISTS (SELECT 1 FROM manifest WHERE manifest.digest = $1)
           AND NOT EXISTS (SELECT 1 FROM trash_manifest WHERE trash_manifest.digest = $1)
        """
    )

    static let parents = Statement(
        """
        SELECT manifest
          FROM edge
         WHERE repository = $1 AND child = $2 AND kind = 'manifest'
         ORDER BY manifest
         LIMIT $3
        """
    )

    static let edges = Statement(
        """
        SELECT child, kind
          FROM edge
         WHERE repository = $1 AND manifest = $2 AND tag = ''
         ORDER BY child, kind
        """
    )

    static let manifests = Statement(
        """
        SELECT m.repository, m.digest, m.media_type, m.artifact_type, m.subject, c.byte_count, m.pushed_at, m.pushed_by,
               c.bytes
          FROM manifest m
          JOIN manifest_content c ON c.digest = m.digest
         WHERE (m.repository, m.digest) > ($1, $2)
         ORDER BY m.repository, m.digest
         LIMIT $3
        """
    )
}

/// Tags and their moves.
extension Statements {
    static let tagsGroup = [
        tag, lastMove, putTag, deleteTag, insertTagEvent, tags, tagEvents,
    ]

    static let tag = Statement(
        """
        SELECT digest, version, moved_at, moved_by FROM tag WHERE repository = $1 AND name = $2
        """
    )

    static let lastMove = Statement(
        """
        SELECT new_digest, version
          FROM tag_event
         WHERE repository = $1 AND name = $2
         ORDER BY version DESC
         LIMIT 1
        """
    )

    static let putTag = Statement(
        """
        INSERT INTO tag (repository, name, digest, version, moved_at, moved_by) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (repository, name) DO UPDATE
           SET digest = excluded.digest, version = excluded.version, moved_at = excluded.moved_at,
               moved_by = excluded.moved_by
        """
    )

    static let deleteTag = Statement("DELETE FROM tag WHERE repository = $1 AND name = $2")

    static let insertTagEvent = Statement(
        """
        INSERT INTO tag_event (repository, name, version, old_digest, new_digest, moved_at, moved_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """
    )

    static let tags = Statement(
        """
        SELECT name
          FROM tag
         WHERE repository = (SELECT id FROM repository WHERE name = $1) AND name > $2
         ORDER BY name
         LIMIT $3
        """
    )

    static let tagEvents = Statement(
        """
        SELECT version, old_digest, new_digest, moved_at, moved_by
          FROM tag_event
         WHERE repository = $1 AND name = $2 AND version > $3
         ORDER BY version
         LIMIT $4
        """
    )
}

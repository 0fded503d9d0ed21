/// What tags were, and how that is forgotten.
extension Statements {
    static let tagHistoryGroup = [
        tagHistory, agedTagEvents, deleteTagEventsBefore, deleteLastDeletion,
    ]

    /// Each move has the moment beside it before which whole tags were forgotten.
    static let tagHistory = Statement(
        """
        SELECT version, old_digest, new_digest, moved_at, moved_by,
               (SELECT value FROM installation WHERE name = 'tags_forgotten_before')
          FROM tag_event
         WHERE repository = (SELECT id FROM repository WHERE name = $1) AND name = $2 AND version < $3
         ORDER BY version DESC
         LIMIT $4
        """
    )

    static let agedTagEvents = Statement(
        """
        SELECT moved_at, repository, name, version, new_digest
          FROM tag_event
         WHERE (moved_at, repository, name, version) > ($1, $2, $3, $4) AND moved_at <= {now} - $5
         ORDER BY moved_at, repository, name, version
         LIMIT $6
        """
    )

    static let deleteTagEventsBefore = Statement(
        """
        DELETE FROM tag_event
         WHERE (repository, name, version) IN (
                   SELECT repository, name, version
                     FROM tag_event
                    WHERE repository = $1 AND name = $2 AND version < $3
                    ORDER BY version
                    LIMIT $4
               )
        """
    )

    /// A deletion that nothing has come after.
    static let deleteLastDeletion = Statement(
        """
        DELETE FROM tag_event
         WHERE repository = $1 AND name = $2 AND version = $3 AND new_digest IS NULL
           AND (SELECT MAX(version) FROM tag_event WHERE repository = $1 AND name = $2) = $3
        """
    )
}

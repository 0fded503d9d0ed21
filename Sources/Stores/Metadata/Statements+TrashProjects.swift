/// Whole projects in the trash.
extension Statements {
    static let trashProjectsGroup = [
        openTrashOfProject, insertHiddenRepository, insertTrashOfProject, insertTrashProject, restateTrash,
        prolongTrash, putWithProject, keepProject, keepGrants, keepTagRules, deleteTagRulesOf,
        keptProject, returnProject, returnTagRules, emptyTrashProject, trashGrants, trashWithProject,
        deleteTrashGrants, deleteTrashRules, deleteTrashProject, forgetGrantsOfSubjects, forgetGrantsOfRole,
    ]

    // MARK: Into it

    /// The entry of a project that is there: some of its repositories have gone, or are still to come back.
    static let openTrashOfProject = Statement(
        """
        SELECT t.id
          FROM trash t
         WHERE t.name = $1 AND t.purge_at > 0
           AND (SELECT p.entry FROM trash_project p WHERE p.entry = t.id AND p.created_at IS NULL) IS NOT NULL
         ORDER BY t.id DESC
         LIMIT 1
        """
    )

    static let insertHiddenRepository = Statement(
        "INSERT INTO repository (name, project, created_at) VALUES ('!', '!', {now}) RETURNING id"
    )

    static let insertTrashOfProject = Statement(
        """
        INSERT INTO trash (kind, repository, name, deleted_at, deleted_by, purge_at)
        VALUES ('repository', $1, $2, {now}, $3, {now} + CAST($4 AS BIGINT))
        RETURNING id
        """
    )

    static let insertTrashProject = Statement("INSERT INTO trash_project (entry) VALUES ($1)")

    static let restateTrash = Statement(
        """
        UPDATE trash
           SET deleted_at = {now}, deleted_by = $2,
               purge_at = CASE WHEN purge_at > {now} + CAST($3 AS BIGINT) THEN purge_at
                               ELSE {now} + CAST($3 AS BIGINT) END
         WHERE id = $1
        """
    )

    static let prolongTrash = Statement(
        """
        UPDATE trash SET purge_at = {now} + CAST($2 AS BIGINT)
         WHERE id = $1 AND purge_at > 0 AND purge_at < {now} + CAST($2 AS BIGINT)
        """
    )

    static let putWithProject = Statement(
        "UPDATE trash SET project_entry = $2, purge_at = 9223372036854775807 WHERE id = $1"
    )

    static let keepProject = Statement(
        """
        UPDATE trash_project
           SET is_public = (SELECT p.is_public FROM project p WHERE p.name = $2),
               addresses = (SELECT p.addresses FROM project p WHERE p.name = $2),
               created_at = (SELECT p.created_at FROM project p WHERE p.name = $2)
         WHERE entry = $1
        """
    )

    static let keepGrants = Statement(
        """
        INSERT INTO trash_grant (entry, subject, role)
        SELECT CAST($1 AS BIGINT), subject, role FROM role_grant WHERE project = $2
        """
    )

    static let keepTagRules = Statement(
        """
        INSERT INTO trash_rule (entry, name, kind, terms, created_at)
        SELECT CAST($1 AS BIGINT), name, kind, terms, created_at FROM tag_rule WHERE project = $2
        """
    )

    static let deleteTagRulesOf = Statement("DELETE FROM tag_rule WHERE project = $1")

    // MARK: Back

    static let keptProject = Statement("SELECT created_at FROM trash_project WHERE entry = $1")

    static let returnProject = Statement(
        """
        INSERT INTO project (name, is_public, created_at, addresses)
        SELECT CAST($2 AS TEXT), is_public, created_at, addresses
          FROM trash_project
         WHERE entry = $1 AND created_at IS NOT NULL
            ON CONFLICT (name) DO NOTHING
        RETURNING name
        """
    )

    static let returnTagRules = Statement(
        """
        INSERT INTO tag_rule (project, name, kind, terms, created_at)
        SELECT CAST($2 AS TEXT), name, kind, terms, created_at
          FROM trash_rule
         WHERE entry = $1
            ON CONFLICT (project, name) DO NOTHING
        """
    )

    static let emptyTrashProject = Statement(
        "UPDATE trash_project SET is_public = NULL, addresses = NULL, created_at = NULL WHERE entry = $1"
    )

    static let trashGrants = Statement(
        "SELECT subject, role FROM trash_grant WHERE entry = $1 ORDER BY subject, role"
    )

    static let trashWithProject = Statement(
        "SELECT id, repository FROM trash WHERE project_entry = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    )

    // MARK: For good

    static let deleteTrashGrants = Statement("DELETE FROM trash_grant WHERE entry = $1")

    static let deleteTrashRules = Statement("DELETE FROM trash_rule WHERE entry = $1")

    static let deleteTrashProject = Statement("DELETE FROM trash_project WHERE entry = $1")

    static let forgetGrantsOfSubjects = Statement("DELETE FROM trash_grant WHERE subject IN ($1, $2)")

    static let forgetGrantsOfRole = Statement("DELETE FROM trash_grant WHERE role = $1")
}

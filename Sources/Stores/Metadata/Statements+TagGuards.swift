/// Rules of tags, locks, and broken glass.
extension Statements {
    static let tagGuardsGroup = [
        tagRulesOfProjects, tagRules, tagRule, putTagRule, deleteTagRule,
        tagGuards, tagGuardsAfter, putTagGuard, deleteTagGuard, deleteGlassOf, deleteEndedTagGuards,
        deleteEndedGlass,
        transactionCount,
    ]

    /// The rules of at most eight projects: few names have more parts.
    static let tagRulesOfProjects = Statement(
        """
        SELECT project, name, kind, terms, created_at
          FROM tag_rule
         WHERE project IN ($1, $2, $3, $4, $5, $6, $7, $8)
        """
    )

    static let tagRules = Statement(
        "SELECT project, name, kind, terms, created_at FROM tag_rule WHERE project = $1 ORDER BY name"
    )

    static let tagRule = Statement(
        "SELECT project, name, kind, terms, created_at FROM tag_rule WHERE project = $1 AND name = $2"
    )

    static let putTagRule = Statement(
        """
        INSERT INTO tag_rule (project, name, kind, terms, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (project, name) DO UPDATE SET kind = excluded.kind, terms = excluded.terms
        """
    )

    static let deleteTagRule = Statement("DELETE FROM tag_rule WHERE project = $1 AND name = $2")

    static let tagGuards = Statement(
        """
        SELECT name, kind, reason, set_at, set_by, ends_at
          FROM tag_guard
         WHERE repository = $1 AND name = $2 AND (ends_at IS NULL OR ends_at > {now})
        """
    )

    static let tagGuardsAfter = Statement(
        """
        SELECT name, kind, reason, set_at, set_by, ends_at
          FROM tag_guard
         WHERE repository = $1 AND name > $2 AND kind = $3 AND (ends_at IS NULL OR ends_at > {now})
         ORDER BY name
         LIMIT $4
        """
    )

    static let putTagGuard = Statement(
        """
        INSERT INTO tag_guard (repository, name, kind, reason, set_at, set_by, ends_at)
        VALUES ($1, $2, $3, $4, {now}, $5, {now} + CAST($6 AS BIGINT))
            ON CONFLICT (repository, name, kind) DO UPDATE
           SET reason = excluded.reason, set_at = excluded.set_at, set_by = excluded.set_by, ends_at = excluded.ends_at
        RETURNING name, kind, reason, set_at, set_by, ends_at
        """
    )

    static let deleteTagGuard = Statement(
        """
        DELETE FROM tag_guard
         WHERE repository = $1 AND name = $2 AND kind = $3 AND (ends_at IS NULL OR ends_at > {now})
        """
    )

    static let deleteGlassOf = Statement("DELETE FROM tag_guard WHERE repository = $1 AND kind = 'glass'")

    static let deleteEndedTagGuards = Statement("DELETE FROM tag_guard WHERE repository = $1 AND ends_at <= {now}")

    static let deleteEndedGlass = Statement(
        """
        DELETE FROM tag_guard
         WHERE (repository, name, kind) IN (
                   SELECT repository, name, kind
                     FROM tag_guard
                    WHERE ends_at <= {now}
                    ORDER BY ends_at, repository, name, kind
                    LIMIT $1
               )
        """
    )

    static let transactionCount = Statement("SELECT COUNT(*) FROM {transactions} WHERE began < $1")
}

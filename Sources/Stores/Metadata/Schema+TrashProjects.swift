/// What the trash has of whole projects.
extension Schema {
    /// - A project in the trash has a row of `trash` as what it has the name of, an empty repository that no client can
    ///   say, and a row of `trash_project`, by which it is told from a repository.
    /// - The columns of `trash_project` are empty while the project is there: while its repositories go, and while they
    ///   come back.
    /// - `project_entry` is that of the project that a repository went with; such a repository is due with the project,
    ///   and never by itself.
    /// - `trash_grant` has who had which role, `trash_rule` the rules of tags. No row of either names a credential.
    /// - No foreign keys: a server of before purges such an entry and knows nothing of these tables.
    static let trashProjects = [
        Statement("ALTER TABLE trash ADD COLUMN project_entry BIGINT"),
        Statement("CREATE INDEX trash_by_project ON trash (project_entry, id) WHERE project_entry IS NOT NULL"),
        Statement(
            """
            CREATE TABLE trash_project (
                entry BIGINT NOT NULL PRIMARY KEY,
                is_public BIGINT CHECK (is_public IN (0, 1)),
                addresses TEXT,
                created_at BIGINT
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE trash_grant (
                entry BIGINT NOT NULL,
                subject TEXT {bytewise} NOT NULL,
                role TEXT {bytewise} NOT NULL,
                PRIMARY KEY (entry, subject, role)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX trash_grant_by_subject ON trash_grant (subject, entry, role)"),
        Statement("CREATE INDEX trash_grant_by_role ON trash_grant (role, entry, subject)"),
        Statement(
            """
            CREATE TABLE trash_rule (
                entry BIGINT NOT NULL,
                name TEXT {bytewise} NOT NULL,
                kind TEXT {bytewise} NOT NULL,
                terms TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (entry, name)
            ) {keyed}
            """
        ),
    ]
}

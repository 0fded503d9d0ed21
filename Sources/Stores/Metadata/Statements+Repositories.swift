/// Repositories by name and number.
extension Statements {
    static let repositoriesGroup = [
        repository, repositoryName, insertRepository, repositories,
    ]

    static let repository = Statement("SELECT id FROM repository WHERE name = $1")

    static let repositoryName = Statement(
        """
        SELECT COALESCE((SELECT t.name FROM trash t WHERE t.repository = r.id AND t.name IS NOT NULL), r.name)
          FROM repository r
         WHERE r.id = $1
        """
    )

    static let insertRepository = Statement(
        """
        INSERT INTO repository (name, project, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO NOTHING
        """
    )

    // Names begin with a letter or a digit, and what is in the trash before those.
    static let repositories = Statement(
        "SELECT name FROM repository WHERE name > $1 AND name >= '0' ORDER BY name LIMIT $2"
    )
}

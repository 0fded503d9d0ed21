/// Repositories by name and number.
extension Statements {
    static let repositoriesGroup = [
        repository, repositoryName, insertRepository, repositories,
    ]

    static let repository = Statement("SELECT id FROM repository WHERE name = $1")

    static let repositoryName = Statement("SELECT name FROM repository WHERE id = $1")

    static let insertRepository = Statement(
        """
        INSERT INTO repository (name, project, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO NOTHING
        """
    )

    static let repositories = Statement("SELECT name FROM repository WHERE name > $1 ORDER BY name LIMIT $2")
}

/// Which steps of the schema were taken.
extension Statements {
    static let schemaGroup = [
        schemaVersion, insertSchemaVersion, oldestProgram, setOldestProgram,
    ]

    static let schemaVersion = Statement("SELECT COALESCE(MAX(version), 0) FROM schema_version")

    static let insertSchemaVersion = Statement("INSERT INTO schema_version (version) VALUES ($1)")

    static let oldestProgram = Statement(
        "SELECT COALESCE(MAX(COALESCE(oldest_program, version)), 0) FROM schema_version"
    )

    static let setOldestProgram = Statement("UPDATE schema_version SET oldest_program = $2 WHERE version = $1")
}

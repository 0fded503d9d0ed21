/// Which steps of the schema were taken.
extension Statements {
    static let schemaGroup = [
        schemaVersion, insertSchemaVersion,
    ]

    static let schemaVersion = Statement("SELECT COALESCE(MAX(version), 0) FROM schema_version")

    static let insertSchemaVersion = Statement("INSERT INTO schema_version (version) VALUES ($1)")
}

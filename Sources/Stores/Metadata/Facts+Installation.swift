extension Facts {
    /// The name of the blob store that these facts are about; nil while nobody has said it.
    public func blobStoreIdentity() throws -> String? {
        try row(Statements.installationValue, .text(Self.blobStore))?.text(0)
    }

    /// Says which blob store these facts are about, unless it was said before; returns what holds.
    public func setBlobStoreIdentity(_ name: String) throws -> String {
        try run(Statements.insertInstallationValue, .text(Self.blobStore), .text(name))
        return try blobStoreIdentity() ?? name
    }

    /// The blob store of the installation that is being moved here; nil when none is, or all of it has come.
    ///
    /// While there is one these facts are a part of what they will be, and nobody may serve them.
    public func migrationSource() throws -> String? {
        try row(Statements.installationValue, .text(Self.migration))?.text(0)
    }

    /// Says that an installation is being moved here, unless one is already; returns the blob store of that one.
    public func beginMigration(from source: String) throws -> String {
        try run(Statements.insertInstallationValue, .text(Self.migration), .text(source))
        return try migrationSource() ?? source
    }

    /// Says that all has come.
    public func endMigration() throws {
        try run(Statements.deleteInstallationValue, .text(Self.migration))
    }

    /// The names in the table `installation` that are about the stores themselves: each installation has its own.
    public static let ownNames: Set<String> = [blobStore, migration]

    private static let blobStore = "blob_store"
    private static let migration = "migration"
}

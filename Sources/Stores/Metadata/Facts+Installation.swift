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

    private static let blobStore = "blob_store"
}

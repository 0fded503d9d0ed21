/// What the blobs of the installation take, each counted once.
public struct Usage: Sendable, Hashable {
    /// How many there are.
    public var blobCount: Int64
    /// Their size together, in bytes.
    public var byteCount: Int64
}

extension Facts {
    /// How many changes are added up when one of them is told to.
    private static let changesPerFold: Int64 = 256

    /// What the blobs of the installation take, from a sum that is kept as it changes.
    public func usage() throws -> Usage {
        guard let row = try row(Statements.usage) else { return Usage(blobCount: 0, byteCount: 0) }
        return Usage(blobCount: try row.integer(0), byteCount: try row.integer(1))
    }

    /// Adds to what is taken.
    ///
    /// A change is a row of its own, so that no row is one that all pushes lock; each 256th push adds the rows up, so
    /// that a reader has never many to sum. What comes back into service counts whatever a quota says.
    func addUsage(blobCount: Int64, byteCount: Int64, isBack: Bool = false) throws {
        try countStored(byteCount: byteCount, isBack: isBack)
        try foldUsage(after: try row(Statements.insertUsageChange, .integer(blobCount), .integer(byteCount)))
    }

    /// Adds up what was changed so far, if the change of a row that was just made is one that tells to.
    func foldUsage(after change: Row?) throws {
        guard let number = try change?.integer(0), number % Self.changesPerFold == 0 else { return }
        try post(Statements.foldUsageChanges, .integer(number))
        try post(Statements.deleteUsageChanges, .integer(number))
    }
}

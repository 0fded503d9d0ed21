public import Access

/// What the management has to know of a server to delete and to restore.
public struct TrashService: Sendable {
    /// The kind of the job that purges.
    public static let purgeKind = "trash.purge"

    let keep: Duration
    let readOnly: ReadOnlyRules
    let forgetNames: @Sendable () -> Void

    /// States it.
    ///
    /// - Parameters:
    ///   - keep: how long what is deleted can be brought back; zero is not at all.
    ///   - readOnly: what this server lets nobody change, whatever the database says.
    ///   - forgetNames: forgets what this process keeps in memory of what names lead to.
    public init(
        keep: Duration = .zero,
        readOnly: ReadOnlyRules = ReadOnlyRules(),
        forgetNames: @escaping @Sendable () -> Void = {}
    ) {
        (self.keep, self.readOnly, self.forgetNames) = (keep, readOnly, forgetNames)
    }
}

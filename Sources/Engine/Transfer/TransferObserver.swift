public import OCI

/// Who is told how a copy goes on; called from many tasks at once, and waited for.
public protocol TransferObserver: Sendable {
    /// A blob belongs to what is copied; each is planned once in a copy.
    func planned(_ blob: Descriptor)
    /// The bytes of a blob begin to move.
    func started(_ blob: Descriptor)
    /// More bytes of a blob were handed to the target; fewer than none when it lost some and is sent them again.
    func advanced(_ blob: Descriptor, by byteCount: Int64)
    /// Nothing is left to do for a blob; each that was planned is finished once, unless the copy fails.
    func finished(_ blob: Descriptor, _ outcome: BlobOutcome)
    /// A manifest was pushed, and these tags moved to it.
    func pushed(_ manifest: Descriptor, tags: [Tag])
}

extension TransferObserver {
    /// Does nothing.
    public func planned(_ blob: Descriptor) {}
    /// Does nothing.
    public func started(_ blob: Descriptor) {}
    /// Does nothing.
    public func advanced(_ blob: Descriptor, by byteCount: Int64) {}
    /// Does nothing.
    public func finished(_ blob: Descriptor, _ outcome: BlobOutcome) {}
    /// Does nothing.
    public func pushed(_ manifest: Descriptor, tags: [Tag]) {}
}

/// What became of a blob.
public enum BlobOutcome: Sendable, Hashable {
    /// Its bytes were copied.
    case copied
    /// The target had it.
    case skipped
    /// The target took it from another of its repositories.
    case mounted
    /// It may not be handed on, or lies elsewhere: the manifest says so, and it is not missed.
    case leftOut
}

/// An observer that looks away.
struct NoObserver: TransferObserver {}

public import OCI

/// Copies of images, with all that they are made of, from one place to another.
///
/// - What the target has is not sent: it is asked for the manifest first, then for each blob.
/// - Blobs are there before the manifest that names them, children before their index; the tags move last, in one step.
///   So whatever breaks off, the target holds no image that is not whole.
/// - An image that the target holds is taken for whole, since a registry takes none before its blobs. An index may lack
///   children: they are asked about, unless the tag points to the index already.
/// - Each byte of a blob is hashed once on its way. The last ones are held back until the digest is known to be right.
/// - In memory at once: manifests, and of each blob that moves a batch of bytes, or some parts where parts are fetched
///   ahead (together at most ``TransferSession/partByteCountMax``).
public struct Transfer: Sendable {
    /// Where images come from.
    public var source: Place
    /// Where they go to.
    public var target: Place
    /// What is copied with an image, and how.
    public var options: TransferOptions
    /// Who is told.
    public var observer: any TransferObserver
    /// What this transfer shares with others.
    public var session: TransferSession

    /// Makes a transfer.
    ///
    /// - Parameters:
    ///   - source: Where images come from.
    ///   - target: Where they go to.
    ///   - options: What is copied with an image, and how.
    ///   - session: What this transfer shares with others.
    ///   - observer: Who is told; nobody when nil.
    public init(
        from source: Place,
        to target: Place,
        options: TransferOptions = TransferOptions(),
        session: TransferSession = TransferSession(),
        observer: (any TransferObserver)? = nil
    ) {
        self.source = source
        self.target = target
        self.options = options
        self.session = session
        self.observer = observer ?? NoObserver()
    }

    /// Copies what a reference names, and moves tags of the target to it.
    ///
    /// - Parameters:
    ///   - reference: the image at the source.
    ///   - tags: the tags at the target; none pushes by digest alone.
    /// - Returns: what was done.
    /// - Throws: a ``TransferError`` for what the two sides refuse, and the error of a cancellation.
    @discardableResult
    public func copy(_ reference: Reference, tags: [Tag] = []) async throws -> TransferReport {
        try await CopyRun(self, of: reference).copy(to: tags)
    }

    /// Looks what ``copy(_:tags:)`` would do, and changes nothing.
    ///
    /// - Parameters:
    ///   - reference: the image at the source.
    ///   - tags: the tags at the target.
    /// - Returns: what would change; what refers to the image is not looked at.
    /// - Throws: what ``copy(_:tags:)`` throws.
    public func outlook(_ reference: Reference, tags: [Tag] = []) async throws -> TransferOutlook {
        try await CopyRun(self, of: reference).outlook(for: tags)
    }
}

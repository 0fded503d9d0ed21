import NIOCore

/// A body that is asked about with each batch: what stops it is thrown to whoever reads it.
public struct WatchedBody: ByteStream {
    private let base: any ByteStream
    private let check: @Sendable () throws -> Void

    /// Watches a body.
    ///
    /// - Parameters:
    ///   - base: The body.
    ///   - check: Throws when it is not to go on; called after each batch has come.
    public init(_ base: any ByteStream, check: @escaping @Sendable () throws -> Void) {
        (self.base, self.check) = (base, check)
    }

    /// That of the body.
    public var declaredByteCount: Int64? { base.declaredByteCount }

    /// That of the body.
    public var batchByteCount: Int { base.batchByteCount }

    /// The next bytes of the body, unless it is not to go on.
    public func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        let batch = try await base.next(upTo: byteCount)
        try check()
        return batch
    }
}

public import Hashing
public import OCI

/// How far an upload has come: what a store needs to go on with it, and what its caller records.
public struct UploadState: Sendable {
    /// How many bytes there are.
    public var offset: Int64
    /// The hash of them.
    public var hash: ContentHash
    /// What the store has to know besides, in a form of its own; nil where that is nothing.
    ///
    /// A caller keeps it beside the offset and gives it back, and reads nothing in it.
    public var ledger: [UInt8]?

    /// An upload that stands somewhere.
    public init(offset: Int64, hash: ContentHash, ledger: [UInt8]? = nil) {
        self.offset = offset
        self.hash = hash
        self.ledger = ledger
    }

    /// An upload that has no bytes yet, and is to be hashed with `algorithm`.
    public static func start(_ algorithm: Digest.Algorithm) -> UploadState {
        UploadState(offset: 0, hash: ContentHash(algorithm))
    }
}

/// How much of an upload is to be made durable.
public enum UploadExtent: Sendable {
    /// As much as is little work, now and then while bytes come: what is lost in a crash is sent again.
    case cheap
    /// All that came.
    case whole
}

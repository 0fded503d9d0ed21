import NIOCore
import OCI

/// A manifest as it was pushed.
public struct StoredManifest: Sendable {
    /// Its digest, under the algorithm that it was asked for or pushed by.
    public var digest: Digest
    /// The media type that it was pushed with.
    public var mediaType: MediaType
    /// The very bytes.
    public var bytes: ByteBuffer

    /// Describes a stored manifest.
    public init(digest: Digest, mediaType: MediaType, bytes: ByteBuffer) {
        self.digest = digest
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// A manifest to be stored.
public struct ManifestPush: Sendable {
    /// The most tags that one push may move.
    public static let tagCountMax = 1000

    /// The digest that it was pushed by, if it was.
    public var digest: Digest?
    /// The tags to move, at most ``tagCountMax``.
    public var tags: [Tag]
    /// The Content-Type that it came with, if any.
    public var contentType: MediaType?
    /// The very bytes.
    public var bytes: [UInt8]
    /// What must hold of each of the tags.
    public var condition: TagCondition

    /// Describes a push.
    public init(
        digest: Digest?,
        tags: [Tag],
        contentType: MediaType?,
        bytes: [UInt8],
        condition: TagCondition = .none
    ) {
        self.digest = digest
        self.tags = tags
        self.contentType = contentType
        self.bytes = bytes
        self.condition = condition
    }
}

/// What was stored.
public struct ManifestReceipt: Sendable, Hashable {
    /// The digest of the manifest.
    public var digest: Digest
    /// The subject that it was recorded as a referrer of.
    public var subject: Digest?

    /// Describes what was stored.
    public init(digest: Digest, subject: Digest?) {
        self.digest = digest
        self.subject = subject
    }
}

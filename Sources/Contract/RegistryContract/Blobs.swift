import NIOCore
import OCI

/// A blob, opened for reading.
public struct BlobContent: Sendable {
    /// Where the bytes are.
    public enum Source: Sendable {
        /// In memory.
        case bytes(ByteBuffer)
        /// In an open file of this machine.
        case file(OpenDescriptor)
        /// On their way from elsewhere, to be read once.
        case stream(any ByteStream)
    }

    /// The size of the whole blob, in bytes.
    public var byteCount: Int64
    /// Which of those bytes the source gives: all, unless a part was asked for that had to come from afar.
    public var range: Range<Int64>
    /// Where the bytes are.
    public var source: Source

    /// Describes an opened blob.
    ///
    /// - Parameters:
    ///   - byteCount: The size of the whole blob, in bytes.
    ///   - range: Which of them the source gives; all when nil.
    ///   - source: Where those bytes are.
    public init(byteCount: Int64, range: Range<Int64>? = nil, source: Source) {
        self.byteCount = byteCount
        self.range = range ?? 0..<byteCount
        self.source = source
    }
}

/// Where a blob may be read for a while by whoever has the address, which is a secret for that time.
public struct BlobLocation: Sendable, CustomStringConvertible, CustomReflectable {
    /// The URL.
    public let url: String

    /// Names a place.
    public init(url: String) {
        self.url = url
    }

    /// Nothing of the secret.
    public var description: String { "<redacted>" }
    /// Nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A descriptor that stays open as long as its owner is held.
///
/// Used only with explicit offsets.
public struct OpenDescriptor: Sendable {
    /// The descriptor, open for reading.
    public var descriptor: CInt
    /// Where in the file the blob begins, in bytes: above 0 where it is a part of an archive.
    public var offset: Int64
    /// Whoever closes it.
    public var owner: any AnyObject & Sendable

    /// Lends a descriptor.
    public init(descriptor: CInt, offset: Int64 = 0, owner: any AnyObject & Sendable) {
        self.descriptor = descriptor
        self.offset = offset
        self.owner = owner
    }
}

/// Where a mount may take a blob from.
public enum MountSource: Sendable {
    /// One repository.
    case repository(RepositoryName)
    /// Any repository for which the closure says yes.
    case any(where: @Sendable (RepositoryName) -> Bool)

    /// Any repository at all.
    public static let anywhere = MountSource.any { _ in true }

    /// The repository, or any where there is none.
    public init(_ repository: RepositoryName?) {
        self = repository.map(MountSource.repository) ?? .anywhere
    }

    /// Whether a repository is one of those.
    public func includes(_ repository: RepositoryName) -> Bool {
        switch self {
        case .repository(let name): name == repository
        case .any(let isSource): isSource(repository)
        }
    }
}

import Glibc
import OCI

/// What a store refuses, or cannot do for a reason that its caller can act on.
public struct BlobStoreError: Error, Sendable, CustomStringConvertible {
    /// What went wrong; open, so that a store may add its own.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// No blob or upload has this key.
        public static let notFound = Code("notFound")
        /// The bytes do not hash to the digest that was expected.
        public static let digestMismatch = Code("digestMismatch")
        /// The store has no room left.
        public static let full = Code("full")
        /// An upload has fewer bytes than the offset that was recorded for it.
        public static let truncated = Code("truncated")
        /// The disk cannot give bytes back that it was given.
        public static let unreadable = Code("unreadable")
        /// The store does not answer, or not now; the same call may succeed later.
        public static let unavailable = Code("unavailable")
        /// The store cannot be used: not writable, wrong owner, of a newer version.
        public static let unusable = Code("unusable")
    }

    /// What went wrong.
    public var code: Code
    /// A sentence for the log.
    public var message: String
    /// The digest that the bytes really have, with ``Code/digestMismatch``.
    public var actual: Digest?

    /// Makes an error.
    public init(_ code: Code, _ message: String, actual: Digest? = nil) {
        self.code = code
        self.message = message
        self.actual = actual
    }

    /// The code and the sentence.
    public var description: String {
        "\(code): \(message)"
    }
}

extension BlobStoreError {
    /// What pread(2) has said: a medium that has lost bytes, a file system that knows its own to be damaged, or a
    /// passing shortage.
    init(readingFailedWith number: CInt) {
        let isLost = [EIO, EUCLEAN, EBADMSG].contains(number)
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        self.init(isLost ? .unreadable : .unavailable, "a blob's file cannot be read: \(reason)")
    }
}

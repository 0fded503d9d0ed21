import OCI

/// A refusal, with what the caller can do about it.
///
/// Equal when the code is: the message is for people.
public struct RegistryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was refused, and why.
    ///
    /// How a code is told over HTTP stands in one table, in DistributionAPI.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// No such blob in the repository.
        public static let blobUnknown = Code("blobUnknown")
        /// A manifest of the repository needs the blob.
        public static let blobInUse = Code("blobInUse")
        /// What must hold at the moment of the commit does not.
        public static let conditionFailed = Code("conditionFailed")
        /// The bytes have another digest than they were said to have.
        public static let digestMismatch = Code("digestMismatch")
        /// A manifest names content that the repository does not hold; ``RegistryError/digests`` says which.
        public static let manifestBlobUnknown = Code("manifestBlobUnknown")
        /// The bytes are no manifest, or one that is not served here.
        public static let manifestInvalid = Code("manifestInvalid")
        /// A manifest is larger than the limit.
        public static let manifestTooLarge = Code("manifestTooLarge")
        /// Who calls is known, and may not do this.
        public static let denied = Code("denied")
        /// No such manifest or tag in the repository.
        public static let manifestUnknown = Code("manifestUnknown")
        /// No such repository.
        public static let nameUnknown = Code("nameUnknown")
        /// A rule or a lock holds a tag where it is.
        public static let tagGuarded = Code("tagGuarded")
        /// A body has another length than was said.
        public static let sizeInvalid = Code("sizeInvalid")
        /// There would be more than may be of bytes, tags or repositories: something has to go first.
        public static let quotaExceeded = Code("quotaExceeded")
        /// Too much was asked for in too short a time.
        public static let tooManyRequests = Code("tooManyRequests")
        /// There is no room for more bytes.
        public static let storageFull = Code("storageFull")
        /// An upload does not stand at the offset that was named; ``RegistryError/offset`` says where it stands.
        public static let uploadOffsetInvalid = Code("uploadOffsetInvalid")
        /// Who calls must say who they are, or did not say it rightly.
        public static let unauthorized = Code("unauthorized")
        /// The registry does not do this, for anybody.
        public static let unsupported = Code("unsupported")
        /// No such upload in the repository.
        public static let uploadUnknown = Code("uploadUnknown")
        /// Not for now; the same call may succeed later.
        public static let unavailable = Code("unavailable")
    }

    /// What was refused, and why.
    public var code: Code
    /// A sentence for a person, who may be stuck: what is wrong, and what to do.
    public var message: String
    /// The content that it is about.
    public var digests: [Digest]
    /// Where an upload stands, in bytes, with ``Code/uploadOffsetInvalid``.
    public var offset: Int64?
    /// What lay below, for the log.
    public var underlying: (any Error)?

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        digests: [Digest] = [],
        offset: Int64? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.digests = digests
        self.offset = offset
        self.underlying = underlying
    }

    /// The code and the sentence.
    public var description: String {
        "\(code): \(message)"
    }

    /// Equal when the code is.
    public static func == (left: RegistryError, right: RegistryError) -> Bool {
        left.code == right.code
    }
}

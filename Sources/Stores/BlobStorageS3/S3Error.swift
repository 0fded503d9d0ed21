/// What a store refused, or why it could not be asked.
///
/// Equal when the code is: the sentence is for people. It has no secret in it.
public struct S3Error: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; there may be more kinds later.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// The settings cannot be: the name of a bucket, a prefix, an endpoint.
        public static let settingsInvalid = Code("settingsInvalid")
        /// There is no such object.
        public static let noSuchKey = Code("noSuchKey")
        /// There is no such bucket.
        public static let noSuchBucket = Code("noSuchBucket")
        /// There is no such multipart upload: it was completed or aborted.
        public static let noSuchUpload = Code("noSuchUpload")
        /// The credentials are good, and may not do this.
        public static let denied = Code("denied")
        /// The store does not know the credentials, or the signature made with them.
        public static let credentialsRefused = Code("credentialsRefused")
        /// The credentials are past their end, or could not be had.
        public static let credentialsUnavailable = Code("credentialsUnavailable")
        /// The clocks of this machine and of the store are too far apart.
        public static let clockSkewed = Code("clockSkewed")
        /// The bucket is in another region, or is reached at another place.
        public static let wrongRegion = Code("wrongRegion")
        /// The store asks for fewer requests.
        public static let slowDown = Code("slowDown")
        /// The store does not answer, or not now.
        public static let unavailable = Code("unavailable")
        /// Too many requests wait here already.
        public static let busy = Code("busy")
        /// There is an object already where there should be none, or another one.
        public static let preconditionFailed = Code("preconditionFailed")
        /// Somebody else does the same at this moment.
        public static let conflict = Code("conflict")
        /// A part that an upload is to be made of is not there, or is another.
        public static let invalidPart = Code("invalidPart")
        /// A part that is not the last is too small.
        public static let entityTooSmall = Code("entityTooSmall")
        /// An object or a part is too large.
        public static let entityTooLarge = Code("entityTooLarge")
        /// An object does not have the bytes that were asked for.
        public static let rangeInvalid = Code("rangeInvalid")
        /// The store got other bytes than were sent, or we did.
        public static let corrupted = Code("corrupted")
        /// The store has no room left for this account.
        public static let full = Code("full")
        /// The store cannot do this.
        public static let notImplemented = Code("notImplemented")
        /// What was to be sent could not be read.
        public static let bodyFailed = Code("bodyFailed")
        /// What came back is not what S3 says.
        public static let notUnderstood = Code("notUnderstood")
        /// Anything else that the store refuses.
        public static let refused = Code("refused")
        /// The store cannot be dialled as things are set up: TLS, a proxy, a forbidden address.
        public static let unreachable = Code("unreachable")
    }

    /// What kind of failure it is.
    public var code: Code
    /// A sentence for a person: what is wrong, and what to do.
    public var message: String
    /// What lay below, for the log.
    public var underlying: (any Error)?
    /// The status of the answer; nil where there was none.
    public var status: Int?
    /// What S3 calls the error, such as `NoSuchKey`; nil where it said nothing.
    public var serviceCode: String?
    /// What the operator of the store finds the request by.
    public var requestID: String?
    /// The region in which the bucket is, where the store said so.
    public var region: String?
    /// How far the clock of this machine is ahead of the store's.
    public var clockDifference: Duration?
    /// How long the store asks to wait.
    public var retryAfter: Duration?
    /// How often the request was sent.
    public var attempts = 1

    /// Makes an error; the sentence may begin with a place, which is written small.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message.hasPrefix("the ") ? "T" + message.dropFirst() : message
        self.underlying = underlying
    }

    /// The sentence.
    public var description: String { message }

    /// Equal when the code is.
    public static func == (left: S3Error, right: S3Error) -> Bool { left.code == right.code }

    /// Whether the same request may succeed in a moment.
    public var isPassing: Bool {
        [.slowDown, .unavailable, .conflict, .corrupted, .busy].contains(code)
    }
}

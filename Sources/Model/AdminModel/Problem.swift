/// Why a request was not done.
public struct Problem: Codable, Hashable, Sendable, Error {
    /// A name for what is wrong, for programs; open, so that a client must expect others.
    public struct Code: RawRepresentable, Codable, Hashable, Sendable {
        /// The name.
        public let rawValue: String

        /// Names a code.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The request cannot be read, or a value in it is none that is taken.
        public static let invalid = Code(rawValue: "invalid")
        /// Nobody has said who they are, or the credentials are wrong.
        public static let unauthenticated = Code(rawValue: "unauthenticated")
        /// The caller may not.
        public static let denied = Code(rawValue: "denied")
        /// There is no such thing, or the caller may not know of it.
        public static let notFound = Code(rawValue: "not-found")
        /// There is no such method on this path.
        public static let methodNotAllowed = Code(rawValue: "method-not-allowed")
        /// There is such a thing already, or something else depends on it.
        public static let conflict = Code(rawValue: "conflict")
        /// It has changed since the caller looked: `If-Match` does not hold.
        public static let changed = Code(rawValue: "changed")
        /// The request is of the right shape, but names what is not there, or a value that cannot be.
        public static let unprocessable = Code(rawValue: "unprocessable")
        /// The idempotency key was used for another request.
        public static let keyReused = Code(rawValue: "idempotency-key-reused")
        /// The body is longer than is read.
        public static let tooLarge = Code(rawValue: "too-large")
        /// The body is not JSON by its `Content-Type`.
        public static let unsupportedMediaType = Code(rawValue: "unsupported-media-type")
        /// There were too many requests.
        public static let tooMany = Code(rawValue: "too-many-requests")
        /// The registry cannot do it now; it may be asked again.
        public static let unavailable = Code(rawValue: "unavailable")
        /// Something went wrong in the registry.
        public static let failed = Code(rawValue: "failed")
    }

    /// What is wrong, for programs.
    public var code: Code
    /// What is wrong, as a sentence for people.
    public var message: String
    /// The field of the body or the parameter that it is about; not given where it is about none.
    public var field: String?

    /// Describes what is wrong.
    public init(_ code: Code, _ message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }
}

/// The body of every answer that is not a success.
public struct ProblemBody: Codable, Hashable, Sendable {
    /// What is wrong.
    public var error: Problem
    /// The id of the request, as it stands in the log; not given where there is none.
    public var request: String?

    /// States the values.
    public init(error: Problem, request: String? = nil) {
        self.error = error
        self.request = request
    }
}

/// Why Amazon does not let us in, or was not asked.
///
/// Equal when the code is: the sentence is for people. It has no secret in it.
public struct AWSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; there may be more kinds later.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// No place has credentials; the sentence names those that were looked at.
        public static let noCredentials = Code("noCredentials")
        /// A variable or a file says something that cannot be.
        public static let settingsInvalid = Code("settingsInvalid")
        /// A profile gets its credentials in a way that is not supported here.
        public static let unsupported = Code("unsupported")
        /// The credentials are good, and may not do this.
        public static let denied = Code("denied")
        /// The credentials, or the token that they are to be had for, are past their end.
        public static let credentialsExpired = Code("credentialsExpired")
        /// AWS does not know the credentials, or the signature made with them.
        public static let credentialsRefused = Code("credentialsRefused")
        /// There is no such region, or no service in it.
        public static let regionUnknown = Code("regionUnknown")
        /// The service did not answer, or not now.
        public static let unavailable = Code("unavailable")
        /// What came back is not what the service says.
        public static let notUnderstood = Code("notUnderstood")
    }

    /// What kind of failure it is.
    public var code: Code
    /// A sentence for a person: what is wrong, and what to do.
    public var message: String
    /// What lay below, for the log.
    public var underlying: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// The sentence.
    public var description: String { message }

    /// Equal when the code is.
    public static func == (left: AWSError, right: AWSError) -> Bool { left.code == right.code }
}

/// Why a request had no answer.
///
/// Equal when the code is: the sentence is for people. An answer with a status of 4xx or 5xx is an answer and no error.
public struct OutgoingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; there may be more kinds later.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// The request cannot be sent as it is: a URL or a header field is malformed.
        public static let requestInvalid = Code("requestInvalid")
        /// No such name in the DNS.
        public static let nameNotFound = Code("nameNotFound")
        /// Nobody listens there.
        public static let refused = Code("refused")
        /// There is no way to that address.
        public static let unreachable = Code("unreachable")
        /// Something took longer than its limit: connecting, the first byte, or the next.
        public static let timedOut = Code("timedOut")
        /// The certificate, the versions or the files of TLS do not fit.
        public static let tls = Code("tls")
        /// The guard does not let this address be dialled.
        public static let addressForbidden = Code("addressForbidden")
        /// A body is longer than it may be.
        public static let bodyTooLarge = Code("bodyTooLarge")
        /// The header of an answer is longer than it may be.
        public static let headerTooLarge = Code("headerTooLarge")
        /// A redirect that may not be followed.
        public static let redirectForbidden = Code("redirectForbidden")
        /// The proxy refused, or is set up wrongly.
        public static let proxy = Code("proxy")
        /// The connection ended in the midst of the exchange.
        public static let connectionLost = Code("connectionLost")
        /// What came back is not HTTP.
        public static let protocolViolation = Code("protocolViolation")
        /// What the caller gave as the body failed, or had another length than was said.
        public static let requestBodyFailed = Code("requestBodyFailed")
        /// The caller gave up.
        public static let cancelled = Code("cancelled")
        /// The client was shut down.
        public static let clientClosed = Code("clientClosed")
        /// Anything else.
        public static let other = Code("other")
    }

    /// What kind of failure it is.
    public var code: Code
    /// A sentence for a person: host and port, what is wrong, and what to do.
    public var message: String
    /// What lay below, for the log.
    public var underlying: (any Error)?
    /// Whether not a byte of the request has been sent, because there was no connection.
    public var isBeforeSending: Bool

    /// Makes an error.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil, isBeforeSending: Bool = false) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.isBeforeSending = isBeforeSending
    }

    /// The sentence.
    public var description: String { message }

    /// Equal when the code is.
    public static func == (left: OutgoingError, right: OutgoingError) -> Bool {
        left.code == right.code
    }
}

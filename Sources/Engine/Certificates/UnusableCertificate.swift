/// Why a name, a certificate or its key cannot be used, as a sentence for whoever gave it.
public struct UnusableCertificate: Error, Equatable, CustomStringConvertible {
    /// What is wrong; open, so that more can be told apart later.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// Neither a host name nor an IP address, no name at all, or too many.
        public static let name = Code("name")
        /// A number of days that no client would accept.
        public static let days = Code("days")
        /// A text that holds no certificate in PEM, or a damaged one.
        public static let damagedCertificate = Code("damagedCertificate")
        /// A text that holds no key in PEM, a damaged one, or one with a passphrase.
        public static let damagedKey = Code("damagedKey")
        /// A key that is not the one that the certificate tells of.
        public static let otherKey = Code("otherKey")
        /// A certificate that may not sign others.
        public static let notAuthority = Code("notAuthority")
        /// A CA whose time is over, or has not come.
        public static let notValidNow = Code("notValidNow")
        /// A source of randomness that gives no number that could be a key.
        public static let randomness = Code("randomness")
    }

    /// What is wrong.
    public var code: Code
    /// The sentence, without the path of a file: who reads files knows it.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }

    /// Errors are equal when their codes are.
    public static func == (left: Self, right: Self) -> Bool {
        left.code == right.code
    }
}

/// What the facts refuse, or a database cannot do for a reason that its caller can act on.
///
/// Two are equal when their codes are.
public struct MetadataError: Error, Sendable, CustomStringConvertible {
    /// What went wrong; open, so that an engine may add its own.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// There is no room left to write.
        public static let full = Code("full")
        /// The database is damaged, or holds a value that it should not.
        public static let corrupt = Code("corrupt")
        /// Someone else holds the database for too long.
        public static let busy = Code("busy")
        /// The database cannot be reached, read or written: an I/O error, no permission, closed.
        public static let unavailable = Code("unavailable")
        /// The database was made by a newer version of the program.
        public static let newerVersion = Code("newerVersion")
        /// A condition of the write does not hold: a tag is not where it was expected.
        public static let conditionFailed = Code("conditionFailed")
        /// A rule of the schema forbids the write: it names something that is not there.
        public static let constraint = Code("constraint")
    }

    /// What went wrong.
    public var code: Code
    /// A sentence for the log.
    public var message: String
    /// What the engine said, if it said more.
    public var underlying: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// The code and the sentence.
    public var description: String {
        "\(code): \(message)"
    }
}

extension MetadataError: Equatable {
    /// Two errors are equal when their codes are.
    public static func == (left: MetadataError, right: MetadataError) -> Bool {
        left.code == right.code
    }
}

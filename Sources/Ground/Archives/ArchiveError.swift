/// Why an archive is not read or written.
///
/// Equal when the code is: the message is for people.
public struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong; open, so that a reader may add its own.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// The bytes are not what the format wants.
        public static let malformed = Code("malformed")
        /// The bytes end in the middle of something.
        public static let truncated = Code("truncated")
        /// Well formed, and not read here.
        public static let unsupported = Code("unsupported")
        /// Larger than a limit.
        public static let tooLarge = Code("tooLarge")
        /// A name that leads out of the folder it is for.
        public static let unsafePath = Code("unsafePath")
    }

    /// What is wrong.
    public var code: Code
    /// A sentence for a person, without the place.
    public var message: String
    /// Where in the stream it was found, in bytes before compression was added or after it was taken away.
    public var offset: Int64?

    /// Makes an error.
    public init(_ code: Code, _ message: String, offset: Int64? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The sentence and the place.
    public var description: String {
        offset.map { "\(message) (at byte \($0))" } ?? message
    }

    /// Equal when the code is.
    public static func == (left: ArchiveError, right: ArchiveError) -> Bool {
        left.code == right.code
    }
}

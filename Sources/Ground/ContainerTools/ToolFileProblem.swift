import Glibc

/// One thing that is wrong with a file of a container tool, where it is, and what to do.
public struct ToolFileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is; there may be more kinds later.
    public struct Code: Hashable, Sendable {
        /// The name of the kind.
        public let name: String

        /// A file that is there and cannot be read.
        public static let unreadableFile = Code(name: "unreadable-file")
        /// A file that cannot be written.
        public static let unwritableFile = Code(name: "unwritable-file")
        /// A file that is not in its format.
        public static let malformedFile = Code(name: "malformed-file")
        /// A value that the key cannot have.
        public static let wrongValue = Code(name: "wrong-value")
        /// A key that the tool does not know.
        public static let unknownKey = Code(name: "unknown-key")
        /// A key that the tool no longer reads.
        public static let outdatedKey = Code(name: "outdated-key")
        /// A file where the tool does not look for it.
        public static let misplacedFile = Code(name: "misplaced-file")
        /// A file with secrets that everybody on the machine can read.
        public static let worldReadable = Code(name: "world-readable")
        /// A credential helper that is not installed, or has no proper name.
        public static let missingHelper = Code(name: "missing-helper")
        /// A credential helper that did not do what it was asked.
        public static let failedHelper = Code(name: "failed-helper")
        /// A certificate without its key, or the other way round.
        public static let missingCounterpart = Code(name: "missing-counterpart")
        /// A mirror that is no longer there.
        public static let deadMirror = Code(name: "dead-mirror")
        /// A setting that lets a connection be read or changed on its way.
        public static let insecure = Code(name: "insecure")
    }

    /// How bad it is.
    public enum Severity: String, Sendable {
        /// The tool refuses the file or does not do what was meant.
        case error
        /// It works, and somebody should know.
        case warning
    }

    /// What kind of fault it is.
    public let code: Code
    /// How bad it is.
    public let severity: Severity
    /// The file or folder, or the variable of the environment.
    public let path: String
    /// The line, counted from 1, where it is known.
    public let line: Int?
    /// What is wrong and what to do, without the place.
    public let message: String

    /// States a problem.
    public init(
        _ code: Code,
        _ severity: Severity = .error,
        path: String,
        line: Int? = nil,
        _ message: String
    ) {
        self.code = code
        self.severity = severity
        self.path = path
        self.line = line
        self.message = message
    }

    /// The place and the message.
    public var description: String {
        line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)"
    }

    /// What the system said last.
    static var systemReason: String { String(cString: strerror(errno)) }
}

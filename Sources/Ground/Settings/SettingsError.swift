/// One thing that is wrong with a configuration, and where.
public struct SettingProblem: Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is; there may be more kinds later.
    public struct Code: Sendable, Hashable {
        /// The name of the kind.
        public let name: String

        /// A key that does not exist.
        public static let unknownKey = Code(name: "unknown-key")
        /// A value that the key cannot have.
        public static let wrongValue = Code(name: "wrong-value")
        /// A flag without its value, or a word that is no flag.
        public static let wrongArgument = Code(name: "wrong-argument")
        /// A file that is not there, cannot be read, or is no YAML.
        public static let unreadableFile = Code(name: "unreadable-file")
        /// A secret that is not where a reference says.
        public static let unavailableSecret = Code(name: "unavailable-secret")
        /// Values that do not go together.
        public static let contradiction = Code(name: "contradiction")
    }

    /// What kind of fault it is.
    public let code: Code
    /// Where it was said; nil for what no single place says.
    public let origin: SettingOrigin?
    /// What is wrong and what to do, without the place.
    public let message: String

    /// The place and the message.
    public var description: String {
        origin.map { "\($0): \(message)" } ?? message
    }

    static func contradiction(_ message: String) -> SettingProblem {
        SettingProblem(code: .contradiction, origin: nil, message: message)
    }
}

/// Everything that is wrong with a configuration, so that all of it can be mended at once.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// At least one, in the order file, environment, flags.
    public let problems: [SettingProblem]

    /// A problem a line.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// Where a value comes from.
public enum SettingOrigin: Sendable, Equatable, CustomStringConvertible {
    /// From nowhere: it is the default.
    case builtIn
    /// From a line of the file.
    case file(path: String, line: Int)
    /// From an environment variable.
    case environment(String)
    /// From a flag.
    case flag(String)

    /// Such as `default`, `wharf.yaml:3`, `WHARF_HTTP_LISTEN`, `--listen`.
    public var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): name
        case .flag(let name): name
        }
    }
}

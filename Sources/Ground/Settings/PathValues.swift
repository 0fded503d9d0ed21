/// A file or a folder of this machine; a relative path starts where the program was started.
public struct LocalPath: Sendable, Hashable, CustomStringConvertible {
    /// The path as it was written.
    public let description: String

    /// That path, taken as it is.
    public init(_ text: String) {
        description = text
    }
}

extension LocalPath: SettingValue {
    static let placeholder = "PATH"
    static let expected = "a path"

    /// Reads a path that is not empty and has no NUL in it, which would cut it short.
    init?(settingText: String) {
        guard !settingText.isEmpty, !settingText.utf8.contains(0) else { return nil }
        self.init(settingText)
    }

    var settingText: String { description }
}

/// What stands before `/v2/` in each URL: nothing, or a path such as `/registry`.
public struct PathPrefix: Sendable, Hashable, CustomStringConvertible {
    /// Empty, or a path that begins with a slash and does not end with one.
    public let description: String

    /// No prefix.
    public static let none = PathPrefix(unchecked: "")

    private init(unchecked text: String) {
        description = text
    }
}

extension PathPrefix: SettingValue {
    static let placeholder = "PATH"
    static let expected =
        "empty, or a path such as /registry that begins with a slash, does not end with one, and needs no escaping"

    init?(settingText: String) {
        let segments = settingText.split(separator: "/", omittingEmptySubsequences: false)
        guard !settingText.isEmpty else { self = .none; return }
        guard segments.count > 1, segments[0].isEmpty, segments.dropFirst().allSatisfy(Self.isSegment) else {
            return nil
        }
        self.init(unchecked: settingText)
    }

    var settingText: String { description }

    private static func isSegment(_ segment: Substring) -> Bool {
        guard !segment.isEmpty, segment != ".", segment != ".." else { return false }
        return segment.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "-._~".utf8.contains(byte)
        }
    }
}

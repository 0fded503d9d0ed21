/// `~/.aws/credentials` or `~/.aws/config`: sections of names and values.
///
/// A line that begins further to the right than the one before goes on with it; a comment begins a line, or stands
/// behind a space. What stands twice counts as it stands last.
struct ProfileFile: Sendable {
    /// Which of both it is: they name their sections differently.
    enum Kind: Sendable {
        /// `[name]`.
        case credentials
        /// `[profile name]`, and `[default]`.
        case config
    }

    /// What is no such file, without what stands in it.
    struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        let line: Int
        let sentence: String

        var description: String { "line \(line): \(sentence)" }
    }

    /// The values of each profile, by names in small letters.
    let profiles: [String: [String: String]]

    init(_ text: String, _ kind: Kind) throws(Problem) {
        var reader = ProfileReader(kind: kind)
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            if let sentence = reader.read(line) { throw Problem(line: index + 1, sentence: sentence) }
        }
        profiles = reader.profiles
    }
}

/// What was read so far.
private struct ProfileReader {
    let kind: ProfileFile.Kind
    var profiles: [String: [String: String]] = [:]
    /// The profile that the lines are about; nil in sections about something else.
    private var profile: String?
    private var isSectionSeen = false
    /// How far to the right the last value began; nil where none can go on.
    private var indent: Int?
    /// Whether there is a `[profile default]`, before which `[default]` gives way.
    private var hasLongDefault = false

    init(kind: ProfileFile.Kind) {
        self.kind = kind
    }

    /// Takes in a line; what is wrong with it, if anything is.
    mutating func read(_ line: Substring) -> String? {
        let content = line.drop { $0.isBlank }
        let depth = line.count - content.count
        if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { return nil }
        if let indent, depth > indent { return nil }
        if content.hasPrefix("[") {
            guard let end = content.firstIndex(of: "]") else { return "a section has no ]" }
            begin(content[content.index(after: content.startIndex)..<end].trimmed)
            return nil
        }
        guard let sign = content.firstIndex(of: "=") else { return "neither [SECTION] nor NAME = VALUE" }
        guard isSectionSeen else { return "a value before the first [SECTION]" }
        indent = depth
        guard let profile else { return nil }
        let value = Self.withoutComment(content[content.index(after: sign)...])
        profiles[profile]?[content[..<sign].trimmed.lowercased()] = value.trimmed
        return nil
    }

    private mutating func begin(_ title: String) {
        (isSectionSeen, indent, profile) = (true, nil, nil)
        var name = title
        if kind == .config, title != "default" {
            let words = title.split(maxSplits: 1) { $0.isBlank }
            guard words.count == 2, words[0] == "profile" else { return }
            name = words[1].trimmed
            if name == "default" {
                if !hasLongDefault { profiles[name] = nil }
                hasLongDefault = true
            }
        } else if hasLongDefault, title == "default" {
            return
        }
        profile = name
        profiles[name] = profiles[name] ?? [:]
    }

    private static func withoutComment(_ value: Substring) -> Substring {
        var isBehindSpace = false
        for index in value.indices {
            if isBehindSpace && (value[index] == "#" || value[index] == ";") { return value[..<index] }
            isBehindSpace = value[index].isBlank
        }
        return value
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = drop { $0.isBlank }
        while let last = rest.last, last.isBlank { rest.removeLast() }
        return String(rest)
    }
}

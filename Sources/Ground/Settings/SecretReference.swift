import Documents

/// Where a secret is: in the configuration itself, or in a place that the configuration only names.
public enum SecretReference: Sendable, Hashable {
    /// The configuration has it.
    case literal(String)
    /// A file has it.
    case file(String)
    /// An environment variable has it.
    case environment(String)
    /// A program writes it: its path and its arguments.
    case command([String])

    /// Reads a reference; any text that does not begin as one is the secret itself.
    ///
    /// There are `file:PATH`, `env:NAME`, `command:PATH ARGUMENT…`, `command:["PATH", "ARGUMENT"…]`, and `text:LITERAL`
    /// for a secret that begins like one of them. Nil for what begins as a reference and names nothing.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count == 2 ? String(parts[1]) : ""
        switch parts.first {
        case "text" where parts.count == 2: self = .literal(rest)
        case "file" where parts.count == 2: self = .file(rest)
        case "env" where parts.count == 2: self = .environment(rest)
        case "command" where parts.count == 2:
            if rest.hasPrefix("[") {
                guard case .array(let items)? = try? JSONValue(json: rest.utf8) else { return nil }
                let words = items.compactMap { if case .string(let word) = $0 { word } else { nil } }
                guard words.count == items.count else { return nil }
                self = .command(words)
            } else {
                self = .command(rest.split { $0 == " " || $0 == "\t" }.map(String.init))
            }
        default: self = .literal(text)
        }
        guard namesSomething else { return nil }
    }

    private var namesSomething: Bool {
        switch self {
        case .literal(let text): !text.isEmpty
        case .file(let path): !path.isEmpty && !path.utf8.contains(0)
        case .environment(let name): name.wholeMatch(of: #/[A-Za-z_][A-Za-z0-9_]*/#) != nil
        case .command(let words):
            words.first?.hasPrefix("/") == true && words.allSatisfy { !$0.utf8.contains(0) }
        }
    }

    /// The text form of `{file: …}`, `{env: …}`, `{command: […]}` or `{text: …}` in a file; nil for another mapping.
    static func text(of members: [YAMLDocument.Entry]) -> String? {
        guard members.count == 1, let member = members.first else { return nil }
        switch member.name {
        case "command":
            return member.value.texts.map { text(ofCommand: $0) } ?? member.value.text.map { "command:\($0)" }
        case "file", "env", "text": return member.value.text.map { "\(member.name):\($0)" }
        default: return nil
        }
    }

    private static func text(ofCommand words: [String]) -> String {
        let isSimple = words.allSatisfy { word in !word.isEmpty && !word.contains { $0 == " " || $0 == "\t" } }
        guard isSimple else {
            return "command:" + String(decoding: JSONValue.array(words.map { .string($0) }).json(), as: UTF8.self)
        }
        return "command:" + words.joined(separator: " ")
    }

    /// The reference as it can be read again; nil for a secret that the configuration itself has.
    var text: String? {
        switch self {
        case .literal: nil
        case .file(let path): "file:\(path)"
        case .environment(let name): "env:\(name)"
        case .command(let words): Self.text(ofCommand: words)
        }
    }
}

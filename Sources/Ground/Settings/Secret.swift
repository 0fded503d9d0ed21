#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A text that is shown to no one: however it is printed, it is `<redacted>`, or the name of the place that has it.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands in its place.
    public static let redacted = "<redacted>"

    /// The largest secret, in bytes, wherever it is.
    public static let byteCountMax = 64 << 10

    /// Where it is.
    let reference: SecretReference

    /// A secret that is in a place.
    public init(_ reference: SecretReference) {
        self.reference = reference
    }

    /// A secret of that text.
    public init(_ text: String) {
        reference = .literal(text)
    }

    /// `<redacted>`, or the reference.
    public var description: String { reference.text ?? Self.redacted }

    /// As ``description``.
    public var debugDescription: String { description }

    /// Nothing: `dump` and the printing of what holds a secret look in here.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret {
    /// Why a secret cannot be had; says where it was looked for, and nothing of what was found.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// A sentence that can follow the key and a colon.
        public let description: String
    }

    /// The text itself, fetched anew each time; blocks while a file is read or a command runs.
    ///
    /// One newline at the end of a file or of a command's output is no part of it.
    public func revealed() throws(Problem) -> String {
        switch reference {
        case .literal(let text): return text
        case .file(let path): return try text(of: try Self.bytes(of: path), "the file \(path)")
        case .environment(let name):
            guard let value = getenv(name) else {
                throw Problem(description: "the environment has no variable \(name)")
            }
            return try text(of: Array(String(cString: value).utf8), "the environment variable \(name)", isCut: false)
        case .command(let words):
            return try text(of: try SecretCommand(words).output(), "the output of \(words.first ?? "")")
        }
    }

    private func text(of bytes: [UInt8], _ place: String, isCut: Bool = true) throws(Problem) -> String {
        var bytes = bytes[...]
        guard bytes.count <= Self.byteCountMax else {
            throw Problem(description: "\(place) is larger than a secret may be (64 KiB)")
        }
        if isCut, bytes.last == 0x0a {
            bytes.removeLast()
            if bytes.last == 0x0d { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw Problem(description: "\(place) is empty") }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Problem(description: "\(place) is not UTF-8 text")
        }
        return text
    }

    private static func bytes(of path: String) throws(Problem) -> [UInt8] {
        guard let file = fopen(path, "re") else {
            throw Problem(description: "the file \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: byteCountMax + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw Problem(description: "the file \(path) cannot be read; is it a folder?")
        }
        return Array(bytes.prefix(count))
    }
}

extension Secret: SettingValue {
    static let placeholder = "SECRET"
    static let expected =
        "a text, or a reference: file:PATH, env:NAME, command:/PATH ARGUMENT…, or text:… for what begins like one"
    static let isSecret = true
    static let schema: [JSONText.Member] = [("type", ["string", "object"])]

    init?(settingText: String) {
        // What `config show` prints in a secret's place is none.
        guard settingText != Self.redacted, let reference = SecretReference(settingText) else { return nil }
        self.init(reference)
    }

    var settingText: String { description }
}

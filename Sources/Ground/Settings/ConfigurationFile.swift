import Documents

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The text of a YAML file of settings, and the name that its faults are reported under.
public struct ConfigurationFile: Sendable {
    /// The largest file that is read.
    public static let sizeMax = ByteCount.mebibytes(1)

    /// The path as it was given.
    public let path: String
    /// All of the file.
    public let text: String

    /// A file that was read already.
    public init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// Reads the file at `path`.
    ///
    /// Throws ``SettingsError`` when it is not there, may not be read, is too large or is not UTF-8.
    public init(reading path: String) throws(SettingsError) {
        guard let file = fopen(path, "r") else {
            throw Self.unreadable(path, "the configuration file cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.sizeMax.bytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw Self.unreadable(path, "the configuration file cannot be read; is it a folder?")
        }
        guard count <= Self.sizeMax.bytes else {
            throw Self.unreadable(path, "the configuration file is larger than \(Self.sizeMax)")
        }
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw Self.unreadable(path, "the configuration file is not UTF-8 text")
        }
        self.init(path: path, text: text)
    }

    /// A value in the file, or what stands where a value should be.
    struct Entry {
        let key: String
        let line: Int
        let content: Content
    }

    enum Content: Equatable {
        /// A value; the items of a list are joined by commas.
        case text(String)
        /// A list of something else than values, or a value where keys should be.
        case malformed(String)
    }

    /// The values in the order of the file, keys joined by dots.
    ///
    /// What stands under one of the `secrets` may be a mapping, and is a value still.
    func entries(secrets: Set<String> = []) throws(SettingsError) -> [Entry] {
        let documents: [YAMLDocument]
        do {
            documents = try YAMLDocument.read(text, named: path)
        } catch {
            let origin = error.place.map { SettingOrigin.file(path: path, line: $0.line) } ?? .flag(path)
            let message = "the configuration file is not YAML: \(error.sentence)"
            throw SettingsError(problems: [.init(code: .unreadableFile, origin: origin, message: message)])
        }
        guard let document = documents.first else { return [] }
        guard documents.count == 1, case .mapping(let members) = document.root.content else {
            throw Self.unreadable(path, "the configuration file must be a YAML mapping such as `http: {listen: …}`")
        }
        var entries: [Entry] = []
        collect(members, under: "", secrets, into: &entries, depth: 0)
        return entries
    }

    private func collect(
        _ members: [YAMLDocument.Entry],
        under prefix: String,
        _ secrets: Set<String>,
        into entries: inout [Entry],
        depth: Int
    ) {
        for member in members {
            let key = prefix + member.name
            let line = member.place.line
            func add(_ content: Content) { entries.append(Entry(key: key, line: line, content: content)) }
            switch member.value.content {
            case .mapping(let members) where secrets.contains(key):
                add(SecretReference.text(of: members).map { .text($0) } ?? .malformed("a mapping"))
            // Three words make the longest key; what is deeper is no key of ours, and its name tells it well enough.
            case .mapping(let members) where depth < 8:
                collect(members, under: key + ".", secrets, into: &entries, depth: depth + 1)
            case .mapping: add(.malformed("a mapping"))
            case .scalar(let scalar) where scalar.isNull: continue
            case .scalar(let scalar): add(.text(scalar.text))
            case .list(let items):
                let texts = items.map(\.text)
                let joined = texts.compactMap { $0 }.joined(separator: ",")
                add(texts.contains(nil) ? .malformed("a list of lists or mappings") : .text(joined))
            }
        }
    }

    private static func unreadable(_ path: String, _ message: String) -> SettingsError {
        SettingsError(problems: [
            SettingProblem(code: .unreadableFile, origin: .flag(path), message: message)
        ])
    }
}

extension YAMLDocument.Node {
    /// The text, where this is one.
    var text: String? {
        if case .scalar(let scalar) = content { scalar.text } else { nil }
    }

    /// The items, where this is a list of texts.
    var texts: [String]? {
        guard case .list(let items) = content else { return nil }
        let texts = items.compactMap(\.text)
        return texts.count == items.count ? texts : nil
    }
}

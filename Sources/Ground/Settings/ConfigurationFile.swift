import Yams

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
    func entries() throws(SettingsError) -> [Entry] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw Self.unreadable(path, "the configuration file is not YAML: \(error)")
        }
        guard let root, root.null == nil else { return [] }
        guard root.mapping != nil else {
            throw Self.unreadable(path, "the configuration file must be a YAML mapping such as `http: {listen: …}`")
        }
        var entries: [Entry] = []
        collect(root, under: "", into: &entries, depth: 0)
        return entries
    }

    private func collect(_ node: Node, under prefix: String, into entries: inout [Entry], depth: Int) {
        for (keyNode, value) in node.mapping ?? [:] {
            let key = prefix + (keyNode.string ?? "?")
            let line = keyNode.mark?.line ?? 0
            func add(_ content: Content) { entries.append(Entry(key: key, line: line, content: content)) }
            switch value {
            // Three words make the longest key; what is deeper is no key of ours, and its name tells it well enough.
            case .mapping where depth < 8: collect(value, under: key + ".", into: &entries, depth: depth + 1)
            case .scalar where value.null != nil: continue
            case .scalar(let scalar): add(.text(scalar.string))
            case .sequence(let items):
                let texts = items.map { $0.scalar?.string }
                let joined = texts.compactMap { $0 }.joined(separator: ",")
                add(texts.contains(nil) ? .malformed("a list of lists or mappings") : .text(joined))
            case .mapping, .alias: add(.malformed("a mapping"))
            }
        }
    }

    private static func unreadable(_ path: String, _ message: String) -> SettingsError {
        SettingsError(problems: [
            SettingProblem(code: .unreadableFile, origin: .flag(path), message: message)
        ])
    }
}

import Documents
import OCI
import Selectors
import Transfer

/// The file of `wharf sync`: a plan in YAML, as ``Transfer/SyncPlan`` describes it.
struct SyncFile {
    /// What the file says.
    let plan: SyncPlan
    /// How registries are reached, where the file says so.
    let manners: [RegistryHost: RegistryManner]

    /// Keys under which a text stands, also where it looks like a number.
    private static let textNames: Set<String> = [
        "from", "repositories", "exclude-repositories", "include", "exclude", "glob", "regex", "semver", "by", "to",
        "platforms", "ca", "client-certificate", "client-key",
    ]

    /// Reads a file; `-` is standard input.
    init(path: String) throws {
        let bytes = try InputFile.bytes(of: path, upTo: YAMLDocument.byteCountMax)
        let documents = try YAMLDocument.read(bytes, named: path == "-" ? "standard input" : path)
        guard let document = documents.first, documents.count == 1 else {
            throw Failure(description: "\(path): a sync file is one document, which begins with sync:.")
        }
        let reader = SyncReader(document: document)
        let root = try reader.object(try document.value(textsOf: Self.textNames), [], allowed: ["registries", "sync"])
        guard let list = root["sync"] else {
            throw reader.problem([], "the key sync: is missing, with a list below it")
        }
        let items = try reader.array(list, [.name("sync")])
        plan = SyncPlan(rules: try items.enumerated().map { try reader.rule($1, [.name("sync"), .item($0)]) })
        let folder = path == "-" ? "" : path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        manners = try reader.manners(root["registries"], [.name("registries")], folder: folder)
    }
}

/// Reads the values of a sync file, and says where one is wrong.
struct SyncReader {
    typealias Steps = [YAMLDocument.Step]

    let document: YAMLDocument

    private static let ruleNames: Set<String> = [
        "from", "repositories", "exclude-repositories", "tags", "to", "platforms", "sparse", "referrers", "signatures",
        "delete",
    ]

    func rule(_ value: JSONValue, _ steps: Steps) throws -> SyncRule {
        let fields = try object(value, steps, allowed: Self.ruleNames)
        guard let from = fields["from"] else {
            throw problem(steps, "the key from: is missing, the registry of the images")
        }
        guard let to = fields["to"] else { throw problem(steps, "the key to: is missing, where the images go") }
        var options = TransferOptions()
        options.keepsUploads = true
        let platforms = try texts(fields["platforms"], steps + [.name("platforms")]).map { text, place in
            guard let platform = Platform(text) else {
                throw problem(place, "\(text) is no platform, such as linux/amd64")
            }
            return platform
        }
        let isSparse = try bool(fields["sparse"], steps + [.name("sparse")])
        if !platforms.isEmpty { options.platforms = isSparse ? .sparse(platforms) : .only(platforms) }
        options.copiesReferrers = try bool(fields["referrers"], steps + [.name("referrers")])
        options.copiesSignatureTags = try bool(fields["signatures"], steps + [.name("signatures")])
        return SyncRule(
            source: try text(from, steps + [.name("from")]),
            repositories: NameSelector(
                include: try patterns(fields["repositories"], steps + [.name("repositories")]),
                exclude: try patterns(fields["exclude-repositories"], steps + [.name("exclude-repositories")])
            ),
            tags: try tags(fields["tags"], steps + [.name("tags")]),
            targets: try texts(to, steps + [.name("to")]).map { text, place in
                do throws(SyncTarget.ParseError) {
                    return try SyncTarget(text)
                } catch {
                    throw problem(place, "\(text) \(error)")
                }
            },
            options: options,
            deletes: try bool(fields["delete"], steps + [.name("delete")])
        )
    }

    private func tags(_ value: JSONValue?, _ steps: Steps) throws -> TagSelector {
        guard let value, value != .null else { return TagSelector() }
        let fields = try object(value, steps, allowed: ["include", "exclude", "newest", "by"])
        var selector = TagSelector(
            names: NameSelector(
                include: try patterns(fields["include"], steps + [.name("include")]),
                exclude: try patterns(fields["exclude"], steps + [.name("exclude")])
            )
        )
        if let newest = fields["newest"] {
            guard case .number(let digits) = newest, let count = Int(digits), count > 0 else {
                throw problem(steps + [.name("newest")], "newest: is a count from 1 on")
            }
            let by = try fields["by"].map { try text($0, steps + [.name("by")]) } ?? "version"
            guard let order = TagSelector.Order(rawValue: by) else {
                throw problem(steps + [.name("by")], "by: is version or name")
            }
            selector.newest = TagSelector.Newest(count, by: order)
        }
        return selector
    }

    private func patterns(_ value: JSONValue?, _ steps: Steps) throws -> [NamePattern] {
        guard let value, value != .null else { return [] }
        return try array(value, steps).enumerated().map { index, item in
            try pattern(item, steps + [.item(index)])
        }
    }

    private func pattern(_ value: JSONValue, _ steps: Steps) throws -> NamePattern {
        if case .string(let name) = value { return .exactly(name) }
        let fields = try object(value, steps, allowed: ["glob", "regex", "semver"])
        guard let (kind, content) = fields.first, fields.count == 1 else {
            throw problem(steps, "a pattern is one of glob:, regex:, semver:, or a name alone")
        }
        let text = try text(content, steps + [.name(kind)])
        do {
            switch kind {
            case "glob": return .glob(try Glob(text))
            case "regex": return .regex(try Pattern(text))
            default: return .semver(try VersionRange(text))
            }
        } catch {
            throw problem(steps + [.name(kind)], "\(text) cannot be read as \(kind): \(error)")
        }
    }

    // MARK: Values

    func object(_ value: JSONValue, _ steps: Steps, allowed: Set<String>) throws -> [String: JSONValue] {
        guard case .object(let members) = value else { throw problem(steps, "keys with values are expected here") }
        for member in members where !allowed.contains(member.name) {
            let known = allowed.sorted().joined(separator: ", ")
            throw problem(steps + [.name(member.name)], "\(member.name): is no key here; there are \(known)")
        }
        return Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    func array(_ value: JSONValue, _ steps: Steps) throws -> [JSONValue] {
        guard case .array(let items) = value else { throw problem(steps, "a list is expected here") }
        return items
    }

    private func texts(_ value: JSONValue?, _ steps: Steps) throws -> [(String, Steps)] {
        guard let value, value != .null else { return [] }
        if case .string(let one) = value { return [(one, steps)] }
        return try array(value, steps).enumerated().map { index, item in
            (try text(item, steps + [.item(index)]), steps + [.item(index)])
        }
    }

    func text(_ value: JSONValue, _ steps: Steps) throws -> String {
        guard case .string(let text) = value else { throw problem(steps, "a text is expected here") }
        return text
    }

    func bool(_ value: JSONValue?, _ steps: Steps) throws -> Bool {
        switch value {
        case nil, .null?: return false
        case .bool(let value)?: return value
        default: throw problem(steps, "true or false is expected here")
        }
    }

    func problem(_ steps: Steps, _ sentence: String) -> YAMLDocument.Problem {
        YAMLDocument.Problem(name: document.name, place: document.place(of: steps), sentence: sentence)
    }
}

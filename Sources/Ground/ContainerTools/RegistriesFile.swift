import Documents

/// A `[[registry]]` of registries.conf.
struct RegistryRule {
    let prefix: RegistryPrefix
    /// Where the content is; as the prefix where nothing was written.
    let location: EndpointAddress
    let isInsecure: Bool
    let isBlocked: Bool
    let mirrors: [Replica]
    let path: String

    /// A `[[registry.mirror]]`.
    struct Replica {
        let location: EndpointAddress
        let isInsecure: Bool
        let scope: RegistryMirror.Scope
    }

    /// The mirrors for a name that the prefix fits.
    func registryMirrors(for key: LoginKey) -> [RegistryMirror] {
        mirrors.map { mirror($0.location, for: key, isInsecure: $0.isInsecure, $0.scope) }
    }

    /// Where the content of a name that the prefix fits is, if it is not under the prefix itself.
    func registryLocation(for key: LoginKey) -> RegistryMirror? {
        let host = (prefix.isWildcard ? "*" : "") + prefix.host
        guard location.host != host || location.path != prefix.path.joined(separator: "/") else { return nil }
        return mirror(location, for: key, isInsecure: isInsecure, .all)
    }

    private func mirror(
        _ location: EndpointAddress,
        for key: LoginKey,
        isInsecure: Bool,
        _ scope: RegistryMirror.Scope
    ) -> RegistryMirror {
        // A star stands for hosts without their ports: what follows it in the name stays.
        let port = prefix.isWildcard && location.path.isEmpty ? key.host.drop { $0 != ":" } : ""
        return RegistryMirror(
            host: location.host + port,
            path: location.path,
            isInsecure: isInsecure,
            scope: scope,
            replacedComponentCount: prefix.path.count,
            tool: .podman,
            file: path
        )
    }
}

/// Which names a `[[registry]]` is for: `host[:port][/path…]`, or `*.host` for all hosts below one.
struct RegistryPrefix: Hashable {
    let isWildcard: Bool
    /// The host in lower case; of a wildcard what follows the star, with its dot.
    let host: String
    let path: [String]

    init(_ text: String) {
        let key = text.split(separator: "/").map { String($0) }
        let first = (key.first ?? "").lowercased()
        isWildcard = first.hasPrefix("*.")
        host = isWildcard ? String(first.dropFirst()) : first
        path = Array(key.dropFirst())
    }

    /// How much of a name the prefix says; nil where it does not fit.
    func length(in key: LoginKey) -> Int? {
        if isWildcard { return key.host.prefix { $0 != ":" }.hasSuffix(host) ? host.utf8.count + 1 : nil }
        guard host == key.host, key.path.starts(with: path) else { return nil }
        return ([host] + path).joined(separator: "/").utf8.count
    }
}

/// podman's registries.conf, or a file in its folder registries.conf.d, in version 2 of the format.
///
/// Source: containers-registries.conf(5).
struct RegistriesFile {
    let file: TOMLFile

    init?(reading path: String) throws(ToolFileProblem) {
        guard let file = try TOMLFile(reading: path) else { return nil }
        self.file = file
    }

    /// The registries to try for a name without one; nil where the file does not say.
    func searchRegistries() throws(ToolFileProblem) -> [String]? {
        let key = "unqualified-search-registries"
        guard let value = file.root[key] else { return nil }
        guard let texts = value.texts else {
            throw file.problem(.wrongValue, "\"\(key)\" must be a list of texts: [\"docker.io\"]", at: [.key(key)])
        }
        return texts
    }

    func rules() throws(ToolFileProblem) -> [RegistryRule] {
        var rules: [RegistryRule] = []
        for (index, table) in try file.tables("registry", in: file.root, at: []).enumerated() {
            rules.append(try rule(table, at: ["registry", .index(index)]))
        }
        return rules
    }

    private func rule(_ table: JSONValue, at steps: [TOMLDocument.Step]) throws(ToolFileProblem) -> RegistryRule {
        let location = try location(in: table, at: steps)
        let prefixText = try file.text("prefix", in: table, at: steps) ?? ""
        let prefix = RegistryPrefix(prefixText.isEmpty ? location ?? "" : prefixText)
        guard !prefix.host.isEmpty else {
            throw file.problem(.wrongValue, "a [[registry]] needs a \"location\" or a \"prefix\"", at: steps)
        }
        let isWhole = prefix.path.isEmpty && !prefix.host.contains(":")
        guard !prefixText.contains("*") || (prefix.isWildcard && isWhole) else {
            let message = "a prefix has a star only as *.example.com, without a port or path"
            throw file.problem(.wrongValue, message, at: steps + ["prefix"])
        }
        guard location != nil || prefix.isWildcard || table["location"] == nil else {
            throw file.problem(.wrongValue, "the \"location\" is empty", at: steps + ["location"])
        }
        let onlyDigests = try file.bool("mirror-by-digest-only", in: table, at: steps) ?? false
        var mirrors: [RegistryRule.Replica] = []
        for (index, mirror) in try file.tables("mirror", in: table, at: steps).enumerated() {
            mirrors.append(try replica(mirror, onlyDigests, at: steps + ["mirror", .index(index)]))
        }
        return RegistryRule(
            prefix: prefix,
            location: EndpointAddress(location ?? prefixText),
            isInsecure: try file.bool("insecure", in: table, at: steps) ?? false,
            isBlocked: try file.bool("blocked", in: table, at: steps) ?? false,
            mirrors: mirrors,
            path: file.path
        )
    }

    private func replica(
        _ table: JSONValue,
        _ onlyDigests: Bool,
        at steps: [TOMLDocument.Step]
    ) throws(ToolFileProblem) -> RegistryRule.Replica {
        guard let location = try location(in: table, at: steps) else {
            throw file.problem(.wrongValue, "a [[registry.mirror]] needs a \"location\"", at: steps)
        }
        let scope: RegistryMirror.Scope
        let word = try file.text("pull-from-mirror", in: table, at: steps) ?? ""
        guard word.isEmpty || !onlyDigests else {
            let message = "\"pull-from-mirror\" does not go with mirror-by-digest-only = true of the registry"
            throw file.problem(.wrongValue, message, at: steps + ["pull-from-mirror"])
        }
        switch word {
        case "", "all": scope = onlyDigests ? .digests : .all
        case "digest-only": scope = .digests
        case "tag-only": scope = .tags
        default:
            let message = "\"pull-from-mirror\" must be \"all\", \"digest-only\" or \"tag-only\""
            throw file.problem(.wrongValue, message, at: steps + ["pull-from-mirror"])
        }
        return RegistryRule.Replica(
            location: EndpointAddress(location),
            isInsecure: try file.bool("insecure", in: table, at: steps) ?? false,
            scope: scope
        )
    }

    private func location(in table: JSONValue, at steps: [TOMLDocument.Step]) throws(ToolFileProblem) -> String? {
        guard let text = try file.text("location", in: table, at: steps), !text.isEmpty else { return nil }
        guard !text.contains("://") else {
            let advice = "write \"\(EndpointAddress(text).host)\", and insecure = true for HTTP"
            throw file.problem(.wrongValue, "a \"location\" has no scheme: \(advice)", at: steps + ["location"])
        }
        return text
    }
}

import Documents

/// containerd's `certs.d/HOST/hosts.toml`: how one registry is reached, and its mirrors.
///
/// Source: containerd's docs/hosts.md.
struct HostsFile {
    /// A place that is asked, with what is set for it.
    struct Server {
        /// nil where the registry itself is meant.
        let address: EndpointAddress?
        let canPull: Bool
        let canResolve: Bool
        let skipsVerification: Bool
        /// Whether the path is where the API is, and not what stands before `/v2`.
        let overridesPath: Bool
        let trust: RegistryTrust

        var isInsecure: Bool { skipsVerification || address?.scheme == "http" }
    }

    let path: String
    /// The registry itself, or what takes its place.
    let server: Server
    /// The mirrors in their order.
    let hosts: [Server]

    init?(reading path: String) throws(ToolFileProblem) {
        guard let file = try TOMLFile(reading: path) else { return nil }
        self.path = path
        let address = try file.text("server", in: file.root, at: [])
        server = try Self.server(address, file.root, file, at: [])
        guard let table = file.root["host"] else {
            hosts = []
            return
        }
        guard let members = table.members, members.allSatisfy({ $0.value.members != nil }) else {
            let message = "\"host\" must be tables: write [host.\"https://…\"] above each"
            throw file.problem(.wrongValue, message, at: ["host"])
        }
        var hosts: [Server] = []
        for member in members {
            hosts.append(try Self.server(member.name, member.value, file, at: ["host", .key(member.name)]))
        }
        self.hosts = hosts
    }

    /// The mirror that an entry is for a registry; nil where nothing is pulled from it.
    func mirror(_ entry: Server, for host: String) -> RegistryMirror? {
        guard entry.canPull, let address = entry.address, !address.host.isEmpty else { return nil }
        var parts = address.path.split(separator: "/").map { String($0) }
        var apiPath = "/v2"
        if entry.overridesPath {
            // `/v2/proxy` is the repository `proxy` under the usual path.
            if parts.first == "v2" { parts.removeFirst() } else { (apiPath, parts) = ("/" + address.path, []) }
        } else if !parts.isEmpty {
            apiPath = parts.last == "v2" ? "/" + address.path : "/" + address.path + "/v2"
            parts = []
        }
        return RegistryMirror(
            host: address.host,
            path: parts.joined(separator: "/"),
            apiPath: apiPath,
            usesTLS: address.scheme != "http",
            isInsecure: entry.isInsecure,
            scope: entry.canResolve ? .all : .digests,
            trust: entry.trust,
            namespace: address.host == host ? nil : host,
            tool: .containerd,
            file: path
        )
    }

    private static func server(
        _ address: String?,
        _ table: JSONValue,
        _ file: TOMLFile,
        at steps: [TOMLDocument.Step]
    ) throws(ToolFileProblem) -> Server {
        var capabilities = ["pull", "resolve", "push"]
        if let value = table["capabilities"] {
            guard let texts = value.texts else {
                let message = "\"capabilities\" must be a list such as [\"pull\", \"resolve\"]"
                throw file.problem(.wrongValue, message, at: steps + ["capabilities"])
            }
            capabilities = texts
        }
        let folder = file.path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        return Server(
            address: address.map { EndpointAddress($0) },
            canPull: capabilities.contains("pull"),
            canResolve: capabilities.contains("resolve"),
            skipsVerification: try file.bool("skip_verify", in: table, at: steps) ?? false,
            overridesPath: try file.bool("override_path", in: table, at: steps) ?? false,
            trust: RegistryTrust(
                authorityFiles: try authorities(table, file, at: steps).map { absolute($0, folder) },
                clientCertificates: try clients(table, file, at: steps).map { pair in
                    let certificate = absolute(pair[0], folder)
                    let key = pair.count < 2 || pair[1].isEmpty ? certificate : absolute(pair[1], folder)
                    return .init(certificateFile: certificate, keyFile: key)
                }
            )
        )
    }

    private static func absolute(_ path: String, _ folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    /// `ca`: a path or several.
    private static func authorities(
        _ table: JSONValue,
        _ file: TOMLFile,
        at steps: [TOMLDocument.Step]
    ) throws(ToolFileProblem) -> [String] {
        guard let value = table["ca"] else { return [] }
        guard let paths = value.text.map({ [$0] }) ?? value.texts else {
            throw file.problem(.wrongValue, "\"ca\" must be a path or a list of paths", at: steps + ["ca"])
        }
        return paths
    }

    /// `client`: a path, a list of paths, or a list of pairs of paths.
    private static func clients(
        _ table: JSONValue,
        _ file: TOMLFile,
        at steps: [TOMLDocument.Step]
    ) throws(ToolFileProblem) -> [[String]] {
        guard let value = table["client"] else { return [] }
        if let path = value.text { return [[path]] }
        if let paths = value.texts { return paths.map { [$0] } }
        guard case .array(let items) = value else { throw wrongClient(file, steps) }
        return try items.map { (item) throws(ToolFileProblem) in
            guard let pair = item.texts, pair.count == 1 || pair.count == 2 else { throw wrongClient(file, steps) }
            return pair
        }
    }

    private static func wrongClient(_ file: TOMLFile, _ steps: [TOMLDocument.Step]) -> ToolFileProblem {
        let message = "\"client\" must be a path, a list of paths, or a list of pairs [certificate, key]"
        return file.problem(.wrongValue, message, at: steps + ["client"])
    }
}

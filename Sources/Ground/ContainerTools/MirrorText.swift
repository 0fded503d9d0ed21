import Documents

/// The text of the files that make tools ask a mirror first.
public struct MirrorText: Sendable {
    private let mirror: EndpointAddress
    private let upstream: LoginKey
    private let authorityFile: String?

    /// Names a mirror and the registry that it has copies of.
    ///
    /// The mirror is an address such as `https://mirror.example:5000` or `https://wharf.example/hub`, without a scheme
    /// `https`; a path is the repository below which the copies are. The registry is a host such as `docker.io`. A file
    /// of the mirror's certificate authority is named where the system does not know it.
    public init(
        mirror: String,
        upstream: String,
        authorityFile: String? = nil
    ) throws(ToolFileProblem) {
        self.mirror = EndpointAddress(mirror)
        self.upstream = LoginKey(upstream)
        self.authorityFile = authorityFile
        let scheme = self.mirror.scheme
        guard scheme == nil || scheme == "http" || scheme == "https", !self.mirror.host.isEmpty,
            !self.mirror.hasUser, !self.mirror.hasQuery
        else {
            let message = "a mirror is an address such as https://mirror.example, without a name, password or query"
            throw ToolFileProblem(.wrongValue, path: mirror, message)
        }
        guard !self.upstream.host.isEmpty, self.upstream.path.isEmpty else {
            throw ToolFileProblem(.wrongValue, path: upstream, "a registry is a host, such as docker.io")
        }
    }

    private var usesTLS: Bool { mirror.scheme != "http" }
    private var origin: String { (usesTLS ? "https://" : "http://") + mirror.host }

    /// Where each text goes on a machine.
    public func path(of tool: ContainerTool, on machine: Machine) -> String {
        switch tool {
        case .docker: machine.root + "/etc/docker/daemon.json"
        case .podman: "\(machine.root)/etc/containers/registries.conf.d/010-\(fileName)-mirror.conf"
        case .containerd: "\(machine.root)/etc/containerd/certs.d/\(upstream.host)/hosts.toml"
        }
    }

    private var fileName: String { String(upstream.host.map { $0 == ":" ? "-" : $0 }) }

    /// dockerd's daemon.json: what is there, and the mirror before all others.
    ///
    /// The bytes are what the file has now, empty where there is none; the path is its name in what is thrown. Throws
    /// where dockerd cannot do it: it has mirrors for Docker Hub alone, and without a path.
    public func daemon(
        merging bytes: [UInt8] = [],
        path: String = "/etc/docker/daemon.json"
    ) throws(ToolFileProblem) -> String {
        guard upstream.host == LoginKey.dockerHub else {
            let message = "dockerd asks mirrors for Docker Hub alone, not for \(upstream.host)"
            throw ToolFileProblem(.wrongValue, path: path, "\(message): name the mirror in the image instead")
        }
        guard mirror.path.isEmpty else {
            let message = "dockerd does not start with a mirror that has a path, as \(origin)/\(mirror.path)"
            throw ToolFileProblem(.wrongValue, path: path, message)
        }
        var root = try FileText(path: path, bytes: bytes).object(allowsMark: true)
        try put(origin, first: true, under: "registry-mirrors", of: &root, path)
        if !usesTLS { try put(mirror.host, first: false, under: "insecure-registries", of: &root, path) }
        return root.laidOutJSON() + "\n"
    }

    private func put(
        _ text: String,
        first: Bool,
        under key: String,
        of root: inout JSONValue,
        _ path: String
    ) throws(ToolFileProblem) {
        let old = root[key] ?? .array([])
        guard let texts = old.texts else {
            throw ToolFileProblem(.wrongValue, path: path, "\"\(key)\" must be a list of texts: [\"…\"]")
        }
        // With or without a slash at its end it is the same mirror.
        if texts.contains(where: { EndpointAddress($0) == EndpointAddress(text) }) { return }
        root.set(key, to: .array((first ? [text] + texts : texts + [text]).map { .string($0) }))
    }

    /// containerd's hosts.toml for the registry.
    public var hosts: String {
        let isHub = upstream.host == LoginKey.dockerHub
        let server = isHub ? "https://registry-1.docker.io" : "https://\(upstream.host)"
        let address = mirror.path.isEmpty ? origin : "\(origin)/v2/\(mirror.path)"
        var lines = [
            "server = \(Self.quoted(server))",
            "",
            "[host.\(Self.quoted(address))]",
            "  capabilities = [\"pull\", \"resolve\"]",
        ]
        if !mirror.path.isEmpty { lines.append("  override_path = true") }
        if let authorityFile { lines.append("  ca = \(Self.quoted(authorityFile))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A file for podman's folder registries.conf.d.
    public var registries: String {
        let location = mirror.path.isEmpty ? mirror.host : "\(mirror.host)/\(mirror.path)"
        var lines = [
            "[[registry]]",
            "prefix = \(Self.quoted(upstream.host))",
            "location = \(Self.quoted(upstream.host))",
            "",
            "[[registry.mirror]]",
            "location = \(Self.quoted(location))",
        ]
        if !usesTLS { lines.append("insecure = true") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A text in TOML, which has the escapes of JSON.
    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).json(), as: UTF8.self)
    }
}

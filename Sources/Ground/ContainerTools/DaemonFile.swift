import Documents

/// dockerd's daemon.json: the mirrors of Docker Hub, and which registries are insecure.
struct DaemonFile {
    let text: FileText
    let root: JSONValue

    /// Reads a file; nil where there is none.
    init?(reading path: String) throws(ToolFileProblem) {
        guard let text = try FileText(reading: path) else { return nil }
        self.text = text
        root = try text.object(allowsMark: true)
    }

    /// Where dockerd looks: the daemon of a user without rights, and the one of the machine.
    static func paths(_ machine: Machine) -> [String] {
        [machine.configurationFolder + "/docker/daemon.json", machine.root + "/etc/docker/daemon.json"]
    }

    /// The addresses of mirrors.
    func mirrors() throws(ToolFileProblem) -> [String] { try texts("registry-mirrors") }

    /// The registries that may be spoken to without TLS.
    func insecureRegistries() throws(ToolFileProblem) -> [String] { try texts("insecure-registries") }

    /// The mirrors of Docker Hub that dockerd would ask.
    func hubMirrors() throws(ToolFileProblem) -> [RegistryMirror] {
        let insecure = InsecureRegistries(try insecureRegistries())
        return try mirrors().compactMap { text in
            let address = EndpointAddress(text)
            guard !address.host.isEmpty, address.scheme == "http" || address.scheme == "https" else { return nil }
            let usesTLS = address.scheme == "https"
            return RegistryMirror(
                host: address.host,
                usesTLS: usesTLS,
                isInsecure: !usesTLS || insecure.contains(address.host),
                tool: .docker,
                file: self.text.path
            )
        }
    }

    private func texts(_ key: String) throws(ToolFileProblem) -> [String] {
        guard let value = root[key], value != .null else { return [] }
        guard let texts = value.texts else {
            throw problem(.wrongValue, "\"\(key)\" must be a list of texts: [\"…\"]", at: key)
        }
        return texts
    }

    func problem(
        _ code: ToolFileProblem.Code,
        _ message: String,
        at key: String,
        severity: ToolFileProblem.Severity = .error
    ) -> ToolFileProblem {
        ToolFileProblem(code, severity, path: text.path, line: text.line(of: key), message)
    }
}

/// What a login is for: a registry, or the repositories below a path of it.
///
/// Docker and podman write keys in many ways: `registry.example`, `https://registry.example/v2/`,
/// `registry.example/team/app`. Sources: ConvertToHostname of Docker's command line; containers-auth.json(5).
struct LoginKey: Hashable {
    /// Docker Hub, as references name it.
    static let dockerHub = "docker.io"
    /// Docker Hub, as Docker's files and helpers name it.
    static let dockerHubAddress = "https://index.docker.io/v1/"
    private static let dockerHubNames: Set<String> = ["docker.io", "index.docker.io", "registry-1.docker.io"]

    /// The host in lower case, with its port; `docker.io` for all names of Docker Hub.
    let host: String
    /// The components of the path; empty for the whole registry.
    let path: [String]

    /// Reads a key of a file, or a host as somebody typed it.
    init(_ text: String) {
        var rest = text[...]
        var hasScheme = false
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            hasScheme = true
        }
        let parts = rest.split(separator: "/")
        host = Self.canonical(parts.first.map { String($0) } ?? "")
        let path = parts.dropFirst().map { String($0) }
        // An address of an API is no namespace: Docker cuts it off, and so does podman behind a scheme.
        self.path = hasScheme || path == ["v1"] || path == ["v2"] ? [] : path
    }

    /// A registry, or one of its repositories.
    init(host: String, repository: String?) {
        self.host = LoginKey(host).host
        path = (repository ?? "").split(separator: "/").map { String($0) }
    }

    private static func canonical(_ host: String) -> String {
        let lower = host.lowercased()
        return dockerHubNames.contains(lower) ? dockerHub : lower
    }

    /// Whether a login under this key is good for another key: that one, or something below it.
    func covers(_ other: LoginKey) -> Bool {
        host == other.host && other.path.starts(with: path)
    }

    /// What Docker writes for a registry: in `auths`, and as the address that a helper is asked for.
    var dockerAddress: String { host == Self.dockerHub ? Self.dockerHubAddress : host }

    /// The names under which a helper may have a login, the likeliest first.
    var helperAddresses: [String] { host == Self.dockerHub ? [Self.dockerHubAddress, Self.dockerHub] : [host] }
}

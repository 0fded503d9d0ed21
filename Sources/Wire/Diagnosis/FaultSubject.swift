public import OCI

/// What a fault is about: with this its mends are filled in.
public struct FaultSubject: Sendable, Hashable {
    /// The registry as references name it, with a port where one was written.
    public var host: String
    /// The repository.
    public var repository: String
    /// The tag, or the digest.
    public var reference: String
    /// What stands before `/etc`; empty but in tests.
    public var root: String
    /// The home folder.
    public var home: String
    /// The proxy that requests go through, such as `proxy.example:3128`.
    public var proxy: String?
    /// Tags like the one that is not there.
    public var nearest: [String]
    /// What is wrong in files, sentence by sentence.
    public var problems: [String]
    /// The platform that was asked for.
    public var platform: String

    /// Names what is not known in capitals, for a person to fill in.
    public init(root: String = "", home: String = "~") {
        host = "REGISTRY"
        repository = "REPOSITORY"
        reference = "TAG"
        self.root = root
        self.home = home
        nearest = []
        problems = []
        platform = "linux/amd64"
    }

    /// Takes over what a reference names.
    public mutating func read(_ image: ImageReference) {
        host = image.registry.description
        repository = image.repository.description
        reference = image.digest?.description ?? image.tag?.description ?? ImageReference.latest.description
    }

    /// Takes over what a message of a tool names: the registry at least, where it stands there.
    public mutating func read(message: String) {
        let text = String(message.prefix(FaultTable.messageByteCountMax))
        // Where several URLs stand, the first is the one that was asked.
        let url = #/https?://([A-Za-z0-9.\-\[\]:]+)/v2/(?:([a-z0-9._/\-]+)/(?:manifests|blobs)/([A-Za-z0-9_.:\-]+))?/#
        if let match = text.firstMatch(of: url) {
            host = Self.named(String(match.1))
            if let name = match.2 { repository = String(name) }
            if let tag = match.3 { reference = String(tag) }
            return
        }
        let named =
            #/(?:manifest for|access denied for|resolve reference "?|initializing source docker://)\s*([^\s",]+)/#
        if let match = text.firstMatch(of: named), let image = try? ImageReference(match.1.trimmed(":")) {
            return read(image)
        }
        let dialled = #/(?:lookup|dial tcp:?)\s+(?:lookup\s+)?([A-Za-z0-9.\-]+\.[A-Za-z0-9.\-]+(?::\d+)?)/#
        if let match = text.firstMatch(of: dialled) { host = Self.named(String(match.1)) }
    }

    private static func named(_ host: String) -> String {
        host == "registry-1.docker.io" ? "docker.io" : host
    }

    /// The image, as a tool is told it.
    var image: String { "\(host)/\(imageInRegistry)" }
    /// The same without the registry.
    var imageInRegistry: String { "\(repository)\(reference.contains(":") ? "@" : ":")\(reference)" }
    /// The same with the registry at another port.
    func image(at port: String) -> String { "\(bareHost):\(port)/\(imageInRegistry)" }
    /// The host without its port.
    var bareHost: String {
        guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host }
        return String(host[..<colon])
    }
    /// The host with a port, as sockets are named.
    var socket: String { bareHost == host ? "\(apiHost):443" : host }
    /// Where the API is.
    var apiHost: String { host == "docker.io" ? "registry-1.docker.io" : host }
    var isDockerHub: Bool { host == "docker.io" }
}

extension Substring {
    fileprivate func trimmed(_ characters: String) -> String {
        var text = self
        while let last = text.last, characters.contains(last) { text = text.dropLast() }
        return String(text)
    }
}

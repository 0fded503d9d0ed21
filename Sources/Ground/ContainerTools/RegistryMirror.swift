/// A place that has copies of what a registry has, and is asked before it.
public struct RegistryMirror: Sendable, Hashable {
    /// What a mirror is asked for.
    public enum Scope: String, Sendable {
        /// Everything.
        case all
        /// Only what is named by its digest, so that the mirror need not be trusted to know where a tag points.
        case digests
        /// Only what is named by a tag.
        case tags
    }

    /// Its host, with a port where one was written.
    public var host: String
    /// What stands before the repository there, such as `mirrors/foo`; empty for most.
    public var path: String
    /// Where its API is: `/v2`, but for those who were told another path.
    public var apiPath: String
    /// Whether TLS is spoken; where it is not and ``isInsecure`` is true, TLS may be tried first.
    public var usesTLS: Bool
    /// Whether certificates are not verified, and HTTP without TLS will do.
    public var isInsecure: Bool
    /// What it is asked for.
    public var scope: Scope
    /// Certificates that were given for it alone.
    public var trust: RegistryTrust
    /// How many components of a repository's name give way to ``path``: those of the prefix that it stands for.
    public var replacedComponentCount: Int
    /// The registry that it is told it stands for, as containerd's parameter `ns`; nil where it is not told.
    public var namespace: String?
    /// Whose file names it.
    public var tool: ContainerTool
    /// The file that names it.
    public var file: String

    /// Names a mirror.
    public init(
        host: String,
        path: String = "",
        apiPath: String = "/v2",
        usesTLS: Bool = true,
        isInsecure: Bool = false,
        scope: Scope = .all,
        trust: RegistryTrust = RegistryTrust(),
        replacedComponentCount: Int = 0,
        namespace: String? = nil,
        tool: ContainerTool,
        file: String
    ) {
        self.host = host
        self.path = path
        self.apiPath = apiPath
        self.usesTLS = usesTLS
        self.isInsecure = isInsecure
        self.scope = scope
        self.trust = trust
        self.replacedComponentCount = replacedComponentCount
        self.namespace = namespace
        self.tool = tool
        self.file = file
    }

    /// The name that a repository of the registry has here.
    public func repository(for repository: String) -> String {
        let kept = repository.split(separator: "/").dropFirst(replacedComponentCount)
        return (path.split(separator: "/") + kept).joined(separator: "/")
    }

    /// The address, such as `https://mirror.example/mirrors/foo`.
    public var address: String {
        (usesTLS ? "https://" : "http://") + host + (path.isEmpty ? "" : "/" + path)
    }
}

/// What the tools of a machine say of a registry, or of one of its repositories.
public struct MirrorSet: Sendable, Hashable {
    /// The mirrors in the order in which they are asked, before the registry itself.
    public var mirrors: [RegistryMirror]
    /// Whether the registry may be spoken to without TLS, or without knowing its certificate.
    public var isInsecure: Bool
    /// The file that forbids to ask it for anything; nil where none does.
    public var blockedBy: String?
    /// Where its content really is, where that is elsewhere (`location` of registries.conf); asked after the mirrors.
    public var location: RegistryMirror?

    /// States what the tools say.
    public init(
        mirrors: [RegistryMirror] = [],
        isInsecure: Bool = false,
        blockedBy: String? = nil,
        location: RegistryMirror? = nil
    ) {
        self.mirrors = mirrors
        self.isInsecure = isInsecure
        self.blockedBy = blockedBy
        self.location = location
    }
}

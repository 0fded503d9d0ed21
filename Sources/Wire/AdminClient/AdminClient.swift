public import Outgoing

/// The management of a registry from outside: a method for each operation of `/api/v1`, in typed values.
///
/// - A change can be bound to the version that was read: it fails with `changed` when somebody was faster.
/// - A POST has a key of its own, and is sent a second time when the connection broke: what was done once is not done
///   twice, and the answer of the first time comes back. Nothing else is repeated.
/// - Every failure is an ``AdminFailure``.
public struct AdminClient: Sendable {
    /// Where the management is.
    public enum Place: Sendable, Hashable {
        /// A socket in the data folder of a server on this machine, by its path.
        case socket(String)
        /// A server in the network: `https://registry.example.com:5000`, with the path that it has before `/v2/`.
        case server(OutgoingURL)
    }

    /// What a client is made with.
    public struct Configuration: Sendable {
        /// Where the management is.
        public var place: Place
        /// Who calls; nil on a socket, where whoever may open it is the administrator.
        public var credentials: OutgoingCredentials?
        /// Whom TLS believes.
        public var tls = OutgoingTLS()
        /// Which proxies are gone through.
        public var proxies = ProxySelection.none

        /// The usual, for a place.
        public init(_ place: Place, credentials: OutgoingCredentials? = nil) {
            self.place = place
            self.credentials = credentials
        }
    }

    /// The longest answer that is read, in bytes.
    static let answerByteCountMax = 64 << 20
    /// How long a server may take for an answer.
    private static let answerTimeout = Duration.seconds(60)

    /// Where the management is.
    public let place: Place
    let transport: OutgoingClient
    let target: OutgoingTarget
    /// What stands before the paths of all routes.
    let root: String
    /// Who calls; nil on a socket.
    public let credentials: OutgoingCredentials?

    private init(_ configuration: Configuration, _ transport: OutgoingClient) {
        self.transport = transport
        place = configuration.place
        credentials = configuration.credentials
        switch configuration.place {
        case .socket(let path): (target, root) = (.unixSocket(path: path), "/api/v1")
        case .server(let url):
            let path = url.pathAndQuery.prefix { $0 != "?" }
            (target, root) = (url.target, path.trimmingSuffix { $0 == "/" } + "/api/v1")
        }
    }

    /// Runs `body` with a client, and ends its connections afterwards.
    public static func withClient<Value: Sendable>(
        _ configuration: Configuration,
        _ body: (AdminClient) async throws -> Value
    ) async throws -> Value {
        var settings = OutgoingClient.Configuration()
        settings.tls = configuration.tls
        settings.proxies = configuration.proxies
        settings.limits.firstByteTimeout = answerTimeout
        do {
            return try await OutgoingClient.withClient(settings) { transport in
                try await body(AdminClient(configuration, transport))
            }
        } catch let error as OutgoingError {
            throw AdminFailure(error, at: configuration.place)
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var rest = self
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }
}

/// A value as a server has it, and which version of it.
public struct Tagged<Value: Sendable>: Sendable {
    /// The value.
    public let value: Value
    let tag: String?

    /// Of a change: that the value is still as it was read.
    public var isUnchanged: Condition { tag.map { .tag($0) } ?? .none }
}

/// What must be so of a thing, that it is changed.
public enum Condition: Sendable, Hashable {
    /// Nothing.
    case none
    /// It has this entity tag.
    case tag(String)
    /// There is no such thing yet.
    case isNew
}

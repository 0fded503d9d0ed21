public import Logging
public import OCI
public import Outgoing
public import RegistryContract

/// A registry across the network, spoken to by the distribution specification.
///
/// - Nothing of a manifest is believed: its bytes are hashed, and have the digest that was asked for or that the answer
///   names. Blobs are verified by who reads them, since they come as a stream.
/// - A request is repeated where that is safe, and only here: `PATCH` and `PUT` of a blob's bytes are not, since the
///   caller asks where the upload stands and goes on from there. A blob that breaks off is asked for again from the
///   byte that was given last.
/// - Credentials go to the registry and to the token service that it names; see ``TokenRealm``. What lies behind a
///   redirect, or a `Location` of another host, gets none, and is never answered when it asks for some.
/// - Uploads are known by names that are made here: they end with this value.
///
/// It is one place of state for many requests at once; several may share a client for HTTP.
public final class RegistryClient: Registry, Sendable {
    /// How a registry is spoken to.
    public enum Scheme: Sendable, Hashable {
        /// Over TLS; on this machine in the clear where no TLS is spoken, as Docker does. This machine is `localhost`
        /// and the addresses of loopback; what a name resolves to is not asked, since others may decide that.
        case automatic
        /// Over TLS, and in the clear where no TLS is spoken: for registries that a machine is set up to trust so.
        case httpsOrHTTP
        /// Over TLS.
        case https
        /// In the clear, where anybody on the way may read and change everything.
        case http
    }

    /// What a client is made with.
    public struct Configuration: Sendable {
        /// Where the registry is; Docker Hub's API is found by its name in references.
        public var host: RegistryHost
        /// How it is spoken to.
        public var scheme = Scheme.automatic
        /// Where credentials come from; nobody's where there is none.
        public var credentials: (any CredentialSource)?
        /// What the client is called where it asks for tokens.
        public var clientID = "wharf"
        /// What the client calls itself in each request.
        public var userAgent = "wharf"
        /// When a request is repeated.
        public var retries = RetryPolicy()
        /// The clock, and how to wait.
        public var time = ClientTime.system
        /// Who is told of each request, with secrets redacted.
        public var observer: (any RequestObserver)?
        /// What is remembered of uploads beyond this program; nothing where there is none.
        public var uploadMemory: (any UploadMemory)?
        /// Where the client says what it does, without secrets.
        public var log = Logger(label: "registry") { _ in SwiftLogNoOpLogHandler() }

        /// The usual, for a registry.
        public init(host: RegistryHost, credentials: (any CredentialSource)? = nil) {
            self.host = host
            self.credentials = credentials
        }
    }

    let configuration: Configuration
    let transport: OutgoingClient
    let endpoint: Endpoint
    let authority: TokenAuthority
    let uploads = UploadTable()
    let repositories = KnownRepositories()
    let deletions = DeletionPace()
    let cursors: ListCursors
    let turns = Turns<String>()

    /// Dials nothing.
    ///
    /// - Parameters:
    ///   - configuration: which registry, as whom.
    ///   - transport: what dials; its owner shuts it down.
    public init(_ configuration: Configuration, over transport: OutgoingClient) {
        self.configuration = configuration
        self.transport = transport
        endpoint = Endpoint(host: configuration.host, scheme: configuration.scheme)
        authority = TokenAuthority(configuration)
        cursors = ListCursors(time: configuration.time)
    }

    /// Where the registry is, as references name it.
    public var host: RegistryHost { configuration.host }
}

/// The clock of a client.
public struct ClientTime: Sendable {
    /// What time it is.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// Waits, or throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 up to 1, so that many clients do not come back at the same moment.
    public var random: @Sendable () -> Double

    /// A clock of one's own.
    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The system's.
    public static let system = ClientTime(
        now: { ContinuousClock.now },
        sleep: { try await Task.sleep(for: $0) },
        random: { Double.random(in: 0..<1) }
    )
}

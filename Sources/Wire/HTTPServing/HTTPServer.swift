import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Observability
import Synchronization

/// A server that listens on one address and hands every request to one responder.
public final class HTTPServer: Sendable {
    /// How a server is to run.
    public struct Configuration: Sendable {
        /// The address to listen on: a name or IP address.
        public var host: String
        /// The port; 0 for any that is free.
        public var port: Int
        /// Certificate and key; nil for plain HTTP.
        public var tls: TLSMaterial?
        /// What a client may ask of a connection.
        public var limits: ServerLimits
        /// The memory for request bodies, in bytes.
        public var bodyByteCount: Int
        /// Whose word about a client's address is taken.
        public var proxies: TrustedProxies
        /// Where each request is logged; nil for nowhere.
        public var accessLog: Logger?

        /// Describes a server.
        public init(
            host: String,
            port: Int,
            tls: TLSMaterial? = nil,
            limits: ServerLimits = ServerLimits(),
            bodyByteCount: Int = 48 << 20,
            proxies: TrustedProxies,
            accessLog: Logger? = nil
        ) {
            self.host = host
            self.port = port
            self.tls = tls
            self.limits = limits
            self.bodyByteCount = bodyByteCount
            self.proxies = proxies
            self.accessLog = accessLog
        }
    }

    private let channel: any Channel
    private let connections: ConnectionSet
    let serving: Serving

    private init(channel: any Channel, connections: ConnectionSet, serving: Serving) {
        self.channel = channel
        self.connections = connections
        self.serving = serving
    }

    /// The port that is listened on.
    public var port: Int {
        channel.localAddress?.port ?? 0
    }

    /// Binds the address and begins to serve.
    public static func start(
        _ configuration: Configuration,
        responder: any HTTPResponder,
        metrics: ServerMetrics,
        group: any EventLoopGroup,
        threads: NIOThreadPool
    ) async throws -> HTTPServer {
        try await start(configuration, responder, metrics, group, threads) { bootstrap in
            try await bootstrap
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .bind(host: configuration.host, port: configuration.port)
                .get()
        }
    }

    /// Makes a socket in the file system, which only its owner may open, and begins to serve there.
    ///
    /// A file that is there already is replaced: it is what a server left that was killed. The peer of each connection
    /// is looked at as well, and is the owner or root.
    public static func start(
        _ configuration: Configuration,
        onSocket path: String,
        responder: any HTTPResponder,
        metrics: ServerMetrics,
        group: any EventLoopGroup,
        threads: NIOThreadPool
    ) async throws -> HTTPServer {
        try await start(configuration, responder, metrics, group, threads) { bootstrap in
            try await SocketFile.bind(bootstrap, at: path)
        }
    }

    private static func start(
        _ configuration: Configuration,
        _ responder: any HTTPResponder,
        _ metrics: ServerMetrics,
        _ group: any EventLoopGroup,
        _ threads: NIOThreadPool,
        bind: (ServerBootstrap) async throws -> any Channel
    ) async throws -> HTTPServer {
        let serving = Serving(
            responder: responder,
            limits: configuration.limits,
            budget: BodyBudget(byteCount: configuration.bodyByteCount),
            metrics: metrics,
            proxies: configuration.proxies,
            accessLog: configuration.accessLog,
            threads: threads
        )
        let connections = ConnectionSet(limit: configuration.limits.connectionCountMax, metrics: metrics)
        let tls = configuration.tls
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try SocketFile.requireOwner(channel)
                    guard connections.add(channel) else { throw ConnectionSet.Full() }
                    try PipelineBuilder(serving: serving, tls: tls).build(channel)
                }
            }
        return HTTPServer(channel: try await bind(bootstrap), connections: connections, serving: serving)
    }

    /// Stops listening, lets what is running finish within `grace`, and then ends what is left.
    ///
    /// Returns how many connections had to be cut off.
    public func drain(within grace: Duration) async -> Int {
        // First of all, so that no answer that is begun from now on promises another one on its connection.
        serving.beginDraining()
        try? await channel.close().get()
        connections.quiesce()
        let deadline = ContinuousClock.now + grace
        while connections.count > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        let left = connections.count
        connections.closeAll()
        // Those that lost their clients still have to keep what came, on the event loops that are to end.
        _ = await finish(within: Self.endingTime)
        return left
    }

    /// Waits until all requests have ended, after what they wait for was closed; whether they have.
    ///
    /// The event loops may end only when they have: one that goes on would look for its own.
    public func finish(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while serving.taskCount > 0, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(5))
        }
        return serving.taskCount == 0
    }

    /// How long the requests may take that were cut off, until they have ended.
    private static let endingTime = Duration.seconds(10)
}

/// The connections of a server.
final class ConnectionSet: Sendable {
    /// There are as many connections as there may be.
    struct Full: Error {}

    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let limit: Int
    private let metrics: ServerMetrics

    init(limit: Int, metrics: ServerMetrics) {
        self.limit = limit
        self.metrics = metrics
    }

    var count: Int { open.withLock { $0.count } }

    /// False when there are too many.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdded = open.withLock { open in
            guard open.count < limit else { return false }
            open[id] = channel
            return true
        }
        guard isAdded else {
            metrics.connectionsRefused.increment()
            return false
        }
        metrics.connections.add(1)
        channel.closeFuture.whenComplete { [self] _ in
            open.withLock { _ = $0.removeValue(forKey: id) }
            metrics.connections.add(-1)
        }
        return true
    }

    func quiesce() {
        for channel in open.withLock({ Array($0.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    func closeAll() {
        for channel in open.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}

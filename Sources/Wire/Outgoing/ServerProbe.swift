import NIOCore
import NIOPosix
import NIOSSL
public import NetworkAddress
import Synchronization

/// Looks at the way to a server step by step, without asking it for anything: for who wants to know where it ends.
///
/// Nothing is kept: each step is a connection of its own.
public struct ServerProbe: Sendable {
    /// How long a step may take.
    public let timeout: Duration

    /// Sets how long a step may take.
    public init(timeout: Duration) {
        self.timeout = timeout
    }

    /// Connects to an address, and tells how long it took.
    ///
    /// - Throws: ``OutgoingError``.
    public func connect(to address: IPAddress, port: Int) async throws -> Duration {
        let start = ContinuousClock.now
        let target = OutgoingTarget.http(host: address.description, port: port)
        try await exchange(at: address, port: port, target: target, proxy: nil) { channel, promise in
            try channel.pipeline.syncOperations.addHandler(ActiveWatch(promise: promise))
        }
        return ContinuousClock.now - start
    }

    /// Asks a proxy for a way to a server (`CONNECT`).
    ///
    /// - Throws: ``OutgoingError``, with `proxy` and the status where it refuses.
    public func tunnel(to target: OutgoingTarget, through proxy: OutgoingProxy, at address: IPAddress) async throws {
        try await exchange(at: address, port: proxy.port, target: target, proxy: proxy) { channel, promise in
            try channel.pipeline.syncOperations.addHandler(
                TunnelOpener(target: target, proxy: proxy, promise: promise) { promise.succeed() }
            )
        }
    }

    /// Agrees on TLS with a server, whoever it is, and tells what it has shown.
    ///
    /// - Parameters:
    ///   - target: the server, whose name is asked for.
    ///   - address: where it is, or the proxy.
    ///   - proxy: the proxy to go through.
    ///   - tls: a certificate of one's own; whom it believes makes no difference here.
    /// - Returns: What it has shown.
    /// - Throws: ``OutgoingError``.
    public func greet(
        _ target: OutgoingTarget,
        at address: IPAddress,
        through proxy: OutgoingProxy? = nil,
        tls: OutgoingTLS = OutgoingTLS()
    ) async throws -> TLSGreeting {
        var settings = try tls.configuration()
        // The callback stands in the place of what would verify the chain; names are looked at afterwards.
        settings.certificateVerification = .noHostnameVerification
        let context = try NIOSSLContext(configuration: settings)
        let port = proxy?.port ?? target.port ?? 443
        return try await exchange(at: address, port: port, target: target, proxy: proxy) { channel, promise in
            let pipeline = channel.pipeline.syncOperations
            guard let proxy else {
                return try Self.addHandshake(to: pipeline, context, target, promise)
            }
            let opener = TunnelOpener(target: target, proxy: proxy, promise: promise) {
                do {
                    try Self.addHandshake(to: channel.pipeline.syncOperations, context, target, promise)
                } catch {
                    promise.fail(error)
                }
            }
            try pipeline.addHandler(opener)
        }
    }

    private static func addHandshake(
        to pipeline: ChannelPipeline.SynchronousOperations,
        _ context: NIOSSLContext,
        _ target: OutgoingTarget,
        _ promise: EventLoopPromise<TLSGreeting>
    ) throws {
        let shown = ShownCertificates()
        let host = target.host.flatMap { IPAddress($0) == nil ? $0 : nil }
        let client = try NIOSSLClientHandler(context: context, serverHostname: host) { certificates, verdict in
            shown.chain = certificates
            verdict.succeed(.certificateVerified)
        }
        let end = HandshakeEnd(target: target, shown: shown, client: client, promise: promise)
        try pipeline.addHandlers([client, end])
    }

    /// Connects, sets the pipeline up, and waits for what `promise` is told, no longer than the limit.
    private func exchange<Value: Sendable>(
        at address: IPAddress,
        port: Int,
        target: OutgoingTarget,
        proxy: OutgoingProxy?,
        _ setUp: @escaping @Sendable (any Channel, EventLoopPromise<Value>) throws -> Void
    ) async throws -> Value {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Value.self)
        let dialled = proxy.map { "The proxy \($0)" } ?? target.description
        let alarm = loop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(OutgoingError(.timedOut, "\(dialled) took the connection and did not answer in \(timeout)."))
        }
        defer { alarm.cancel() }
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(TimeAmount(timeout)).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try setUp(channel, promise) }
        }
        do {
            let place = try SocketAddress(ipAddress: address.description, port: port)
            return try await withTaskCancellationHandler {
                let channel = try await bootstrap.connect(to: place).get()
                promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
                return try await promise.futureResult.get()
            } onCancel: {
                promise.fail(CancellationError())
            }
        } catch {
            promise.fail(error)
            throw OutgoingError.transport(error, target: target, proxy: proxy)
        }
    }
}

/// What a server has shown while TLS was agreed on.
public struct TLSGreeting: Sendable {
    /// Its certificates in PEM, its own first.
    public let chain: String
    /// Whether its own is for the host that was asked for.
    public let isForHost: Bool
    /// The version that was agreed on, such as `1.3`.
    public let version: String
}

/// The certificates of a handshake.
private final class ShownCertificates: Sendable {
    private let kept = Mutex<[NIOSSLCertificate]>([])

    var chain: [NIOSSLCertificate] {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}

/// Waits for the end of a handshake.
private final class HandshakeEnd: ChannelInboundHandler {
    typealias InboundIn = Never

    private let target: OutgoingTarget
    private let shown: ShownCertificates
    private let client: NIOSSLClientHandler
    private let promise: EventLoopPromise<TLSGreeting>

    init(
        target: OutgoingTarget,
        shown: ShownCertificates,
        client: NIOSSLClientHandler,
        promise: EventLoopPromise<TLSGreeting>
    ) {
        self.target = target
        self.shown = shown
        self.client = client
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Of the events that come here only the end of the handshake has a version to tell.
        if let version = client.tlsVersion, let own = shown.chain.first { succeed(version, own) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    private func succeed(_ version: TLSVersion, _ own: NIOSSLCertificate) {
        let number =
            switch version {
            case .tlsv13: "1.3"
            case .tlsv12: "1.2"
            case .tlsv11: "1.1"
            default: "1.0"
            }
        do {
            let chain = try shown.chain.map { PEMText.certificate(try $0.toDERBytes()) }
            let isForHost = target.host.map { CertificateNames(own).contain($0) } ?? false
            promise.succeed(TLSGreeting(chain: chain.joined(), isForHost: isForHost, version: number))
        } catch {
            promise.fail(error)
        }
    }
}

/// The first that is known of a connection: it is there.
private final class ActiveWatch: ChannelInboundHandler {
    typealias InboundIn = Never

    private let promise: EventLoopPromise<Void>

    init(promise: EventLoopPromise<Void>) {
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        promise.succeed()
        context.fireChannelActive()
    }
}

import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A client over TLS that asks by the protocol that it was made for, and keeps its connections for what comes next.
///
/// One of HTTP/2 has two connections with all its requests as their streams; one of HTTP/1.1 has as many as it has
/// requests at once.
public final class TestTLSClient: RegistryHarness {
    /// What is spoken inside of TLS.
    public enum Version: String, Sendable {
        /// HTTP/1.1.
        case http1 = "http/1.1"
        /// HTTP/2.
        case http2 = "h2"
    }

    /// Why nothing was sent.
    public enum Failure: Error, Equatable {
        /// The server chose another protocol than it was offered, or none.
        case notSpoken(Version)
    }

    private struct Connections {
        /// Of HTTP/1.1, those with nothing to do.
        var idle: [any Channel] = []
        /// Of HTTP/2, all.
        var shared: [EventLoopFuture<Shared>?] = [nil, nil]
        var next = 0
    }

    private struct Shared: Sendable {
        var channel: any Channel
        var streams: NIOHTTP2Handler.StreamMultiplexer
    }

    /// The window for answers, in bytes: with the 64 KiB that HTTP/2 begins with a debug build mostly says so.
    private static let windowByteCount = 1 << 20

    private let port: Int
    private let version: Version
    private let tls: NIOSSLContext
    private let connections = Mutex(Connections())

    /// A client of the server on a port of loopback that trusts one certificate.
    public init(port: Int, version: Version, trusting certificateFile: String) throws {
        self.port = port
        self.version = version
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificateFile))
        configuration.applicationProtocols = [version.rawValue]
        tls = try NIOSSLContext(configuration: configuration)
    }

    /// Sends one request, its body framed as the protocol wants it, and waits for the whole response.
    public func send(_ request: TestRequest) async throws -> TestResponse {
        switch version {
        case .http1: try await sendAlone(request)
        case .http2: try await sendAsStream(request)
        }
    }

    private func sendAlone(_ request: TestRequest) async throws -> TestResponse {
        let channel: any Channel
        if let idle = takeIdle() { channel = idle } else { channel = try await connect().get() }
        let exchange = TestExchange(request, host: "localhost:\(port)", version: version, on: channel.eventLoop)
        channel.pipeline.addHandler(exchange).whenFailure { exchange.fail($0) }
        let outcome = try await exchange.outcome.get()
        if outcome.isConnectionFree {
            connections.withLock { $0.idle.append(channel) }
        } else {
            channel.close(promise: nil)
        }
        return outcome.response
    }

    private func takeIdle() -> (any Channel)? {
        connections.withLock { connections in
            while let channel = connections.idle.popLast() {
                if channel.isActive { return channel }
            }
            return nil
        }
    }

    private func sendAsStream(_ request: TestRequest) async throws -> TestResponse {
        let shared = try await sharedConnection().get()
        let exchange = TestExchange(request, host: "localhost:\(port)", version: version, on: shared.channel.eventLoop)
        let stream = shared.streams.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(
                    HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https)
                )
                try stream.pipeline.syncOperations.addHandler(exchange)
            }
        }
        stream.whenFailure { exchange.fail($0) }
        let outcome = try await exchange.outcome.get()
        if !outcome.isConnectionFree { try await stream.get().close(promise: nil) }
        return outcome.response
    }

    /// One of the connections in turn, made when it is wanted first, and anew after it has ended.
    private func sharedConnection() -> EventLoopFuture<Shared> {
        let (place, made, isNew) = connections.withLock { connections in
            connections.next = (connections.next + 1) % connections.shared.count
            let place = connections.next
            if let made = connections.shared[place] { return (place, made, false) }
            let made = makeShared()
            connections.shared[place] = made
            return (place, made, true)
        }
        guard isNew else { return made }
        // Registered outside of the lock, which a future that has failed already would take once more.
        made.flatMap(\.channel.closeFuture).whenComplete { _ in
            self.connections.withLock { $0.shared[place] = nil }
        }
        return made
    }

    private func makeShared() -> EventLoopFuture<Shared> {
        connect().flatMap { channel in
            var connection = NIOHTTP2Handler.ConnectionConfiguration()
            connection.initialSettings = [
                HTTP2Setting(parameter: .enablePush, value: 0),
                HTTP2Setting(parameter: .initialWindowSize, value: Self.windowByteCount),
            ]
            connection.targetWindowSize = Self.windowByteCount
            var stream = NIOHTTP2Handler.StreamConfiguration()
            stream.targetWindowSize = Self.windowByteCount
            return channel.configureHTTP2Pipeline(
                mode: .client,
                connectionConfiguration: connection,
                streamConfiguration: stream
            ) { $0.eventLoop.makeSucceededVoidFuture() }.map { Shared(channel: channel, streams: $0) }
        }
    }

    /// A new connection, when the handshake is done and the protocol is agreed on.
    private func connect() -> EventLoopFuture<any Channel> {
        let (version, tls) = (version, tls)
        return ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                    try pipeline.addHandler(Negotiation(of: version, on: channel.eventLoop))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .flatMap { channel in
                channel.pipeline.handler(type: Negotiation.self).flatMap { $0.agreed }.map { channel }
            }
    }
}

/// Waits for the end of the handshake, and puts HTTP/1.1 behind it where that is what was agreed on.
private final class Negotiation: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    // Its one field that can change is the promise, which is fulfilled on the connection's event loop alone.
    typealias InboundIn = ByteBuffer

    private let version: TestTLSClient.Version
    private let promise: EventLoopPromise<Void>

    init(of version: TestTLSClient.Version, on loop: any EventLoop) {
        self.version = version
        promise = loop.makePromise()
    }

    var agreed: EventLoopFuture<Void> { promise.futureResult }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted(let agreed)? = event as? TLSUserEvent else { return }
        promise.completeWith(
            Result {
                guard agreed == version.rawValue else { throw TestTLSClient.Failure.notSpoken(version) }
                guard version == .http1 else { return }
                var encoder = HTTPRequestEncoder.Configuration()
                encoder.automaticallySetFramingHeaders = false
                let pipeline = context.pipeline.syncOperations
                try pipeline.addHandler(HTTPRequestEncoder(configuration: encoder))
                try pipeline.addHandler(
                    ByteToMessageHandler(HTTPResponseDecoder(informationalResponseStrategy: .forward))
                )
            }
        )
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
    }
}

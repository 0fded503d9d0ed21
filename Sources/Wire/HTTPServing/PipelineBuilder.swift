import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS
import Observability

/// Puts the handlers of a new connection together.
struct PipelineBuilder {
    /// The largest frame that a client may send, in bytes.
    ///
    /// Each frame costs, and clients that are written in Go send them as large as they may.
    private static let frameByteCountMax = 256 << 10

    let serving: Serving
    let tls: TLSMaterial?

    func build(_ channel: any Channel) throws {
        let peer = SocketFile.isBelow(channel) ? "local" : channel.remoteAddress?.ipAddress ?? "unknown"
        guard let tls else { return try addHTTP1(channel, peer: peer, transport: .plain) }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(NIOSSLServerHandler(context: tls.context()))
        let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Void> { [self] result, channel in
            channel.eventLoop.makeCompletedFuture {
                let watch = try channel.pipeline.syncOperations.handler(type: HandshakeWatch.self)
                channel.pipeline.syncOperations.removeHandler(watch, promise: nil)
                if case .negotiated("h2") = result {
                    try addHTTP2(channel, peer: peer)
                } else {
                    try addHTTP1(channel, peer: peer, transport: .encrypted)
                }
            }
        }
        try pipeline.addHandler(negotiation)
        try pipeline.addHandler(HandshakeWatch(serving: serving, peer: peer))
    }

    private func addHTTP1(_ channel: any Channel, peer: String, transport: ExchangeHandler.Transport) throws {
        let pipeline = channel.pipeline.syncOperations
        var encoder = HTTPResponseEncoder.Configuration()
        encoder.automaticallySetFramingHeaders = false
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = serving.limits.headerFieldByteCountMax
        decoder.maxHeaderListSize = serving.limits.headerByteCountMax
        try pipeline.addHandler(HTTPResponseEncoder(configuration: encoder))
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoder))
        )
        try pipeline.addHandler(ExchangeHandler(serving: serving, peer: peer, transport: transport))
    }

    private func addHTTP2(_ channel: any Channel, peer: String) throws {
        let limits = serving.limits
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.http2StreamCountMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerByteCountMax),
            HTTP2Setting(parameter: .initialWindowSize, value: WindowBudget.firstByteCount),
            HTTP2Setting(parameter: .maxFrameSize, value: Self.frameByteCountMax),
        ]
        connection.targetWindowSize = limits.http2WindowByteCount
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.targetWindowSize = WindowBudget.firstByteCount
        stream.outboundBufferSizeHighWatermark = 256 << 10
        stream.outboundBufferSizeLowWatermark = 64 << 10
        let watch = HTTP2Watch(serving: serving)
        let serving = serving
        _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server,
            connectionConfiguration: connection,
            streamConfiguration: stream,
            streamDelegate: watch
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(StreamEntrance(windows: serving.windows))
                try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                try stream.pipeline.syncOperations.addHandler(
                    ExchangeHandler(serving: serving, peer: peer, transport: .stream)
                )
            }
        }
        try channel.pipeline.syncOperations.addHandler(watch)
        try channel.syncOptions?.setOption(
            .recvAllocator,
            value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10)
        )
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }
}

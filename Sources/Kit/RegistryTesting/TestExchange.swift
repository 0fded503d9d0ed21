import NIOCore
import NIOHTTP1

/// Sends one request on a connection (or on a stream of HTTP/2), gathers the response, and leaves the pipeline.
///
/// All its methods are called on the event loop of the connection, which is what guards its fields.
final class TestExchange: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What came of it.
    struct Outcome: Sendable {
        var response: TestResponse
        /// Whether the request was sent whole and the server has not said that it ends the connection.
        var isConnectionFree: Bool
    }

    /// How long the whole may take.
    private static let patience = TimeAmount.seconds(30)
    /// How long the pieces of a body are, in bytes.
    private static let pieceByteCount = 256 << 10
    /// How long they are when the length of the whole is not said, in bytes.
    private static let streamedByteCount = 1000

    private let request: TestRequest
    private let host: String
    private let version: TestTLSClient.Version
    private let promise: EventLoopPromise<Outcome>
    private var response: TestResponse?
    private var interim: [Int] = []
    private var isKeptAlive = true
    private var sent = 0
    private var isSent = false
    private var done: Outcome?
    private var timeout: Scheduled<Void>?

    init(_ request: TestRequest, host: String, version: TestTLSClient.Version, on loop: any EventLoop) {
        self.request = request
        self.host = host
        self.version = version
        promise = loop.makePromise()
    }

    var outcome: EventLoopFuture<Outcome> { promise.futureResult }

    /// Ends what never came to a connection.
    func fail(_ error: any Error) {
        promise.fail(error)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { [promise] in
            promise.fail(TestConnection.Failure.timedOut)
        }
        if context.channel.isActive { sendHead(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        sendHead(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        if let done { promise.succeed(done) } else { promise.fail(ChannelError.eof) }
    }

    // MARK: The request

    private func sendHead(_ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(request.headers)
        if request[header: "Host"] == nil { headers.add(name: "Host", value: host) }
        if request.isStreamed {
            // HTTP/2 has its own frames, and knows no chunks.
            if version == .http1 { headers.add(name: "Transfer-Encoding", value: "chunked") }
        } else if request[header: "Content-Length"] == nil, !request.body.isEmpty || request.method != "GET" {
            headers.add(name: "Content-Length", value: "\(request.body.count)")
        }
        let method = HTTPMethod(rawValue: request.method)
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: request.path, headers: headers)
        let isWithheld = request[header: "Expect"]?.lowercased() == "100-continue"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if isWithheld { context.flush() } else { sendBody(context) }
    }

    /// Sends the body piece by piece, each when the last is out, and no more of it once it is answered.
    private func sendBody(_ context: ChannelHandlerContext) {
        let count = min(request.isStreamed ? Self.streamedByteCount : Self.pieceByteCount, request.body.count - sent)
        guard count > 0 else {
            isSent = true
            return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        let piece = request.body.withUnsafeBytes { ByteBuffer(bytes: $0[sent..<sent + count]) }
        sent += count
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(piece)))).whenSuccess {
            // Between two pieces the answer may be read, which the server may send before it ends the connection.
            loop.execute {
                let (exchange, context) = bound.value
                if exchange.response == nil { exchange.sendBody(context) }
            }
        }
    }

    // MARK: The response

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where head.status.code < 200:
            interim.append(Int(head.status.code))
            if head.status == .continue, sent == 0, !isSent { sendBody(context) }
        case .head(let head):
            isKeptAlive = head.isKeepAlive
            response = TestResponse(
                status: Int(head.status.code),
                headers: head.headers.map { ($0.name, $0.value) },
                interim: interim
            )
        case .body(let bytes):
            bytes.withUnsafeReadableBytes { response?.body.append(contentsOf: $0) }
        case .end:
            finish(context)
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        // HTTP/1.1 says the end of an interim response as well.
        guard let response else { return }
        let outcome = Outcome(response: response, isConnectionFree: isSent && isKeptAlive)
        guard version == .http1 else { return promise.succeed(outcome) }
        // The next exchange may be added when this one has gone.
        done = outcome
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        if version == .http1 { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}

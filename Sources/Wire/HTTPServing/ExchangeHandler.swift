import Logging
import NIOCore
import NIOHTTP1

/// The last handler of a connection: it turns the parts of HTTP into requests for the responder, one at a time, and its
/// answers into parts again. On HTTP/2 there is one for each stream.
///
/// A request is handed over when all that had arrived with its header has been taken in, so that a small body is there
/// already. The responder starts on the event loop (`Task.immediate`): an answer that needs no wait is written without
/// a change of thread.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    let serving: Serving
    let transport: Transport
    private let peer: String
    var context: ChannelHandlerContext?
    var state = ExchangeState()
    var exchange: Exchange?
    var sender: FileSender?
    /// Parts of requests that the client sent ahead.
    private var ahead = CircularBuffer<HTTPServerRequestPart>()
    /// A request whose responder waits for the end of the read.
    private var unstarted: ServerRequest?
    private var isReading = false
    private var readIsPending = false
    var watch = TransferWatch()
    private var hasBigReads = false

    init(serving: Serving, peer: String, transport: Transport) {
        self.serving = serving
        self.peer = peer
        self.transport = transport
    }

    /// What lies below the parts of HTTP.
    enum Transport {
        /// HTTP/1 straight on a socket, where files can be sent with sendfile(2).
        case plain
        /// HTTP/1 over TLS.
        case encrypted
        /// A stream of HTTP/2.
        case stream
    }

    /// What is remembered of the request that is being served.
    struct Exchange {
        var head: HTTPRequestHead
        var body: RequestBody
        var id: RequestID
        var clientAddress: String
        var start: NIODeadline
        var task: Task<Void, Never>?
        var expectsContinue: Bool
        var status = 0
        var bytesSent = 0
        var bytesReceived = 0
    }

    /// What is counted when a client left before its answer: nginx's code for it, which is never sent.
    private static let clientGone = 499

    // MARK: Life of the connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { scheduleWatch(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        scheduleWatch(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.close()
        watch.cancel()
        sender = nil
        unstarted = nil
        if var exchange {
            exchange.body.fail(.connectionClosed)
            exchange.task?.cancel()
            if exchange.status == 0 { exchange.status = Self.clientGone }
            record(exchange)
            self.exchange = nil
        }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            perform(state.quiesce(), context)
        case ChannelEvent.inputClosed:
            // Half a connection: what is being answered is still answered.
            exchange?.body.fail(.connectionClosed)
            perform(state.quiesce(), context)
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, state.phase == .idle {
            let status = ExchangeHandler.status(of: error)
            refuse(status, context)
        } else {
            context.close(promise: nil)
        }
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { readIsPending = true }
    }

    private var mayRead: Bool {
        switch state.phase {
        case .idle, .discarding: true
        case .serving: exchange.map { !state.requestEnded && $0.body.wantsMore } ?? false
        case .closed: false
        }
    }

    func resumeReading(_ context: ChannelHandlerContext) {
        if readIsPending, mayRead {
            readIsPending = false
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let part = unwrapInboundIn(data)
        if ahead.isEmpty, accepts(part) { take(part, context) } else { ahead.append(part) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        start(context)
        context.fireChannelReadComplete()
    }

    /// Whether a part belongs to the exchange at hand; a head does only when there is none.
    private func accepts(_ part: HTTPServerRequestPart) -> Bool {
        switch state.phase {
        case .idle: true
        case .serving: !state.requestEnded
        case .discarding, .closed: true
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            guard state.phase == .idle else { return }
            begin(head, context)
        case .body(let buffer):
            watch.received(buffer.readableBytes)
            if state.isServing {
                exchange?.bytesReceived += buffer.readableBytes
                exchange?.body.receive(buffer)
            } else {
                perform(state.discard(buffer.readableBytes), context)
            }
        case .end:
            let action = state.endRequest()
            exchange?.body.end()
            setBigReads(false, context)
            start(context)
            perform(action, context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        state.begin(keepAlive: head.isKeepAlive)
        watch.beganRequest()
        let length = head.headers.first(name: "content-length").flatMap { Int64($0) }
        let isBodyless = length == 0 || (length == nil && !head.headers.contains(name: "transfer-encoding") && transport != .stream)
        let body = isBodyless ? RequestBody() : incomingBody(length, context)
        if !isBodyless, length ?? .max > 64 << 10 { setBigReads(true, context) }
        let id = serving.nextRequestID()
        let address = serving.proxies.clientAddress(peer: peer, headers: head.headers)
        exchange = Exchange(
            head: head,
            body: body,
            id: id,
            clientAddress: address,
            start: .now(),
            expectsContinue: !isBodyless && head.version.minor > 0 && head.headers.contains(name: "expect")
                && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        )
        unstarted = ServerRequest(
            method: head.method,
            target: head.uri,
            headers: head.headers,
            body: body,
            id: id,
            clientAddress: address
        )
    }

    private func incomingBody(_ length: Int64?, _ context: ChannelHandlerContext) -> RequestBody {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        return RequestBody(
            declaredByteCount: length,
            budget: serving.budget,
            source: .init(demand: {
                if loop.inEventLoop { bound.value.demanded() } else { loop.execute { bound.value.demanded() } }
            })
        )
    }

    /// The responder waits for more of the body.
    private func demanded() {
        guard let context, state.isServing else { return }
        if exchange?.expectsContinue == true {
            exchange?.expectsContinue = false
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
                promise: nil
            )
        }
        resumeReading(context)
    }

    /// Larger reads while a body comes in: a quarter of the cost of an upload is the number of reads.
    private func setBigReads(_ on: Bool, _ context: ChannelHandlerContext) {
        guard transport != .stream, hasBigReads != on else { return }
        hasBigReads = on
        let size = on ? min(serving.budget.batchByteCount, 512 << 10) : 8 << 10
        try? context.channel.syncOptions?.setOption(
            .recvAllocator,
            value: FixedSizeRecvByteBufferAllocator(capacity: size)
        )
    }

    // MARK: Answering

    private func start(_ context: ChannelHandlerContext) {
        guard let request = unstarted, exchange != nil else { return }
        guard !isReading || state.requestEnded else { return }
        unstarted = nil
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let responder = serving.responder
        let id = request.id
        let task = Task.immediate {
            let response = await responder.respond(to: request)
            if loop.inEventLoop {
                bound.value.answer(id, response)
            } else {
                loop.execute { bound.value.answer(id, response) }
            }
        }
        // An answer may be out already, and the exchange over.
        if exchange?.id == id { exchange?.task = task }
    }

    private func answer(_ id: RequestID, _ response: ServerResponse) {
        guard let context, state.isServing, exchange?.id == id else { return }
        send(response, context)
    }

    /// The last part of an answer has been handed to the socket.
    func answered(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        self.exchange = nil
        sender = nil
        record(exchange)
        let withheld = exchange.expectsContinue
        // Whoever still reads the body has nothing to answer any more.
        if !state.requestEnded { exchange.body.fail(.connectionClosed) }
        perform(state.endResponse(bodyWasWithheld: withheld), context)
    }

    func perform(_ action: ExchangeState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none:
            resumeReading(context)
        case .close:
            context.close(promise: nil)
        case .proceed:
            watch.becameIdle()
            proceed(context)
        }
    }

    /// Looks at what the client sent ahead, as far as it belongs to the next request.
    private func proceed(_ context: ChannelHandlerContext) {
        while !ahead.isEmpty, let part = ahead.first, accepts(part) {
            ahead.removeFirst()
            take(part, context)
        }
        start(context)
        resumeReading(context)
    }
}

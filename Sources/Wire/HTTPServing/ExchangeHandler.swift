import Logging
import NIOCore
import NIOHTTP1

/// The last handler of a connection: it turns the parts of HTTP into requests for the responder, one at a time, and its
/// answers into parts again.
///
/// On HTTP/2 there is one for each stream.
///
/// A request is handed over when all that had arrived with its header has been taken in, so that a small body is there
/// already. The responder starts on the event loop (`Task.immediate`): an answer that needs no wait is written without
/// a change of thread.
///
/// The files beside this one hold its parts: reading, answering, and what is refused before it is a request.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    let serving: Serving
    let transport: Transport
    let peer: String
    var context: ChannelHandlerContext?
    /// Where the responders of the connection run.
    private(set) var executor: LoopExecutor?
    var state = ExchangeState()
    var exchange: Exchange?
    var sender: BodySender?
    /// A request whose responder waits for the end of the read.
    var unstarted: ServerRequest?
    var watch = TransferWatch()
    var window = StreamWindow()
    /// Parts of requests that the client sent ahead.
    var ahead = CircularBuffer<HTTPServerRequestPart>()
    /// What was wrong with the bytes behind the parts that were sent ahead.
    var fault: HTTPParserError?
    var isProceeding = false
    /// Whether the answer has been handed over and the socket has not taken all of it yet.
    var isFinishing = false
    var hasInputEnded = false
    var isReading = false
    var readIsPending = false
    var hasBigReads = false

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
        /// Is told how much of the answer went out.
        var onEnd: (@Sendable (_ sentByteCount: Int) -> Void)?
    }

    /// What is counted when a client left before its answer: nginx's code for it, which is never sent.
    private static let clientGone = 499

    // MARK: Life of the connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        executor = LoopExecutor(context.eventLoop)
        guard context.channel.isActive else { return }
        activate(context)
    }

    func channelActive(context: ChannelHandlerContext) {
        activate(context)
        context.fireChannelActive()
    }

    private func activate(_ context: ChannelHandlerContext) {
        scheduleWatch(context)
        // A connection that was on its way in when the server began to drain has missed the event that says so.
        if transport != .stream, serving.isDraining { perform(state.quiesce(), context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.close()
        watch.cancel()
        returnWindow()
        sender?.cancel()
        sender = nil
        unstarted = nil
        ahead.removeAll()
        if var exchange {
            self.exchange = nil
            exchange.body.fail(.connectionClosed)
            // What has come of a change is kept, or done: only a question is of no use to anybody now.
            if exchange.head.method == .GET || exchange.head.method == .HEAD { exchange.task?.cancel() }
            if exchange.status == 0 { exchange.status = Self.clientGone }
            record(exchange)
        }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            perform(state.quiesce(), context)
        case ChannelEvent.inputClosed:
            inputEnded(context)
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Half a connection: what was asked whole is still answered.
    private func inputEnded(_ context: ChannelHandlerContext) {
        hasInputEnded = true
        if case .lingering = state.phase { return context.close(promise: nil) }
        exchange?.body.fail(.connectionClosed)
        if ahead.isEmpty { perform(state.quiesce(), context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HTTPParserError:
            misread(error, context)
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let data):
            perform(state.discard(data.readableBytes), context)
        default:
            context.close(promise: nil)
        }
    }
}

import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 connection: one on which no stream has been open for as long as the idle limit, one that has broken,
/// and one that is to drain, when its streams are done.
///
/// All its methods are called on the event loop of the connection, which is what guards its fields.
final class HTTP2Watch: NIOHTTP2StreamDelegate, ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = Never
    typealias OutboundOut = HTTP2Frame

    private let serving: Serving
    private var context: ChannelHandlerContext?
    private var streamCount = 0
    private var lastStream = HTTP2StreamID.rootStream
    private var since = NIODeadline.now()
    private var timer: RepeatedTask?
    private var isQuiescing = false

    init(serving: Serving) {
        self.serving = serving
    }

    func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
        streamCount += 1
        lastStream = max(lastStream, id)
    }

    func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
        streamCount -= 1
        since = .now()
        // Its last frame is being written at this moment.
        if isQuiescing, streamCount == 0, let context {
            context.eventLoop.assumeIsolated().execute { self.sayGoodbye(context) }
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let interval = TimeAmount(serving.limits.idleTimeout / 4)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (watch, context) = bound.value
            let limit = TimeAmount(watch.serving.limits.idleTimeout)
            guard watch.streamCount == 0, .now() - watch.since > limit else { return }
            context.close(promise: nil)
        }
        if serving.isDraining { quiesce(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        timer?.cancel()
        timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: quiesce(context)
        // Half a connection cannot carry HTTP/2, whose answers need the client's windows.
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// An error of one stream has ended that stream.
    ///
    /// Of an error of the connection the client has been told; what is running may finish, as far as it can.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !(error is NIOHTTP2Errors.StreamError) { quiesce(context) }
    }

    /// Takes no further stream, and ends the connection when there is none left.
    private func quiesce(_ context: ChannelHandlerContext) {
        guard !isQuiescing else { return }
        isQuiescing = true
        sayGoodbye(context)
    }

    /// Says which stream was the last, and closes when there is none left and all is out: to close a connection drops
    /// what it has not sent.
    private func sayGoodbye(_ context: ChannelHandlerContext) {
        let goodbye = HTTP2Frame(
            streamID: .rootStream,
            payload: .goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil)
        )
        let isDone = streamCount == 0
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(goodbye)).whenComplete { _ in
            if isDone { bound.value.close(promise: nil) }
        }
    }
}

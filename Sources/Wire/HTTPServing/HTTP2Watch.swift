import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 connection: one on which no stream has been open for as long as the idle limit, one that has broken,
/// and one that is to drain, when its streams are done.
///
/// All its methods are called on the event loop of the connection, which is what guards its fields.
final class HTTP2Watch: NIOHTTP2StreamDelegate, ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = Never
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let serving: Serving
    private var context: ChannelHandlerContext?
    private var streamCount = 0
    private var lastStream = HTTP2StreamID.rootStream
    private var since = NIODeadline.now()
    private var timer: RepeatedTask?
    private var end: Scheduled<Void>?
    private var isQuiescing = false
    /// Whether the client has broken the protocol: nothing that it sends is read any more.
    private var isBroken = false

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
        stopTimers()
    }

    private func stopTimers() {
        timer?.cancel()
        timer = nil
        end?.cancel()
        end = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
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

    func read(context: ChannelHandlerContext) {
        if !isBroken { context.read() }
    }

    /// An error of one stream has ended that stream.
    ///
    /// Of an error of the connection the client has been told; what is running has a short time to finish, as far as
    /// it can. The library may have lost count of its streams, so it is not waited for the last of them.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !Self.isOfOneStream(error), !isBroken else { return }
        isBroken = true
        quiesce(context)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        end = context.eventLoop.scheduleTask(in: ExchangeHandler.lingerTime) { bound.value.close(promise: nil) }
    }

    /// What is wrong with one request breaks its stream alone (RFC 9113 section 8.1.1): behind a proxy the streams of
    /// one connection are of many clients.
    private static func isOfOneStream(_ error: any Error) -> Bool {
        switch error {
        case is NIOHTTP2Errors.StreamError, is NIOHTTP2Errors.MissingPseudoHeader,
            is NIOHTTP2Errors.DuplicatePseudoHeader,
            is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader, is NIOHTTP2Errors.UnknownPseudoHeader,
            is NIOHTTP2Errors.UnsupportedPseudoHeader, is NIOHTTP2Errors.InvalidPseudoHeaders,
            is NIOHTTP2Errors.InvalidPseudoHeaderValue, is NIOHTTP2Errors.EmptyPathHeader,
            is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName, is NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue,
            is NIOHTTP2Errors.ForbiddenHeaderField, is NIOHTTP2Errors.TrailersWithoutEndStream,
            is NIOHTTP2Errors.ContentLengthViolated, is NIOHTTP2Errors.ContentLengthHeadersMismatch,
            is NIOHTTP2Errors.ContentLengthHeaderNegative, is NIOHTTP2Errors.ContentLengthHeaderMalformedValue:
            true
        default:
            false
        }
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

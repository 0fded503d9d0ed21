import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 connection on which no stream has been open for as long as the idle limit.
///
/// All its methods are called on the event loop of the connection, which is what guards its fields.
final class HTTP2Watch: NIOHTTP2StreamDelegate, ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = Never

    private let limits: ServerLimits
    private var streamCount = 0
    private var since = NIODeadline.now()
    private var timer: RepeatedTask?

    init(limits: ServerLimits) {
        self.limits = limits
    }

    func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
        streamCount += 1
    }

    func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
        streamCount -= 1
        since = .now()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let interval = TimeAmount(limits.idleTimeout / 4)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (watch, context) = bound.value
            guard watch.streamCount == 0, .now() - watch.since > TimeAmount(watch.limits.idleTimeout) else { return }
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }
}

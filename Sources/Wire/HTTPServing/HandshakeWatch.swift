import NIOCore

/// Ends a connection whose client does not finish its TLS handshake; leaves the pipeline when the handshake is done.
///
/// A client that does not finish its handshake is as slow as one that does not finish its header.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let serving: Serving
    private var timeout: Scheduled<Void>?

    init(serving: Serving) {
        self.serving = serving
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: TimeAmount(serving.limits.headerTimeout)) {
            bound.value.close(promise: nil)
        }
        if serving.isDraining { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

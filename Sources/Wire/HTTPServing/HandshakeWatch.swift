import Logging
import NIOCore

/// Ends a connection whose client does not finish its TLS handshake; leaves the pipeline when the handshake is done.
///
/// A client that does not finish its handshake is as slow as one that does not finish its header.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let serving: Serving
    private let peer: String
    private var timeout: Scheduled<Void>?

    init(serving: Serving, peer: String) {
        self.serving = serving
        self.peer = peer
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
        serving.accessLog?.info(
            "a TLS handshake failed",
            metadata: ["client": .string(peer), "error": .string(String("\(error)".prefix(300)))]
        )
        context.close(promise: nil)
    }
}

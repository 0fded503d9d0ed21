import NIOCore
import NIOHPACK
import NIOHTTP2

/// The first handler of a stream of HTTP/2: it refuses a request for whose body there is no memory, and sees to it that
/// the name of the host is where the next handler looks for it.
final class StreamEntrance: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum Stage {
        case beforeHeaders
        /// More may come, for which there is a window.
        case receiving
        /// Nothing more will come that takes memory.
        case ended
        case refused
    }

    private let windows: WindowBudget
    private var stage = Stage.beforeHeaders
    /// Whether it is one of as many streams as there may be.
    private var isCounted = false

    init(windows: WindowBudget) {
        self.windows = windows
    }

    func handlerAdded(context: ChannelHandlerContext) {
        isCounted = windows.openStream()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (stage, unwrapInboundIn(data)) {
        case (.beforeHeaders, .headers(let headers)):
            begin(headers, context)
        case (.receiving, .headers(let headers)) where headers.endStream:
            end()
            context.fireChannelRead(data)
        case (.receiving, .data(let part)) where part.endStream:
            end()
            context.fireChannelRead(data)
        case (.refused, _):
            break
        default:
            context.fireChannelRead(data)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        if isCounted { windows.closeStream() }
        isCounted = false
        context.fireChannelInactive()
    }

    private func begin(_ headers: HTTP2Frame.FramePayload.Headers, _ context: ChannelHandlerContext) {
        if isCounted, headers.endStream {
            stage = .ended
        } else if isCounted, windows.enterStream() {
            stage = .receiving
        } else {
            // Whoever sent it may send it again (RFC 9113 section 8.7).
            stage = .refused
            return context.writeAndFlush(wrapOutboundOut(.rstStream(.refusedStream)), promise: nil)
        }
        var headers = headers
        if !headers.headers.contains(name: ":authority") {
            // A request that was HTTP/1.1 before may have Host instead (RFC 9113 section 8.3.1).
            headers.headers.add(name: ":authority", value: headers.headers.first(name: "host") ?? "")
        }
        context.fireChannelRead(wrapInboundOut(.headers(headers)))
    }

    private func end() {
        guard stage == .receiving else { return }
        stage = .ended
        windows.leaveStream()
    }
}

import NIOCore
import NIOHTTP2

// How far a client of HTTP/2 may send ahead: each stream begins with a small window, and one whose body is being read
// gets a larger one for as long as there is memory for it.

/// What a stream was lent of the budget.
struct StreamWindow {
    /// How many bytes are read before a stream that was lent nothing asks again.
    private static let patienceByteCount = 1 << 20

    fileprivate(set) var lent = 0
    /// Bytes that were handed over since the window was opened last.
    fileprivate var handedOver = 0
    fileprivate var isWanted = false
    fileprivate var isScheduled = false

    mutating func received(_ byteCount: Int) {
        handedOver += byteCount
    }

    /// The responder reads the body.
    mutating func want() {
        guard !isWanted else { return }
        isWanted = true
        handedOver = Self.patienceByteCount
    }

    fileprivate var isDue: Bool {
        isWanted && handedOver >= (lent == 0 ? Self.patienceByteCount : max(1, lent / 2))
    }
}

extension ExchangeHandler {
    /// Opens the window of the stream when that is due.
    ///
    /// Not at once: in the midst of a read the stream may have ended without this handler knowing, and to open the
    /// window of such a stream is an error.
    func openWindowSoon(_ context: ChannelHandlerContext) {
        guard transport == .stream, window.isDue, !window.isScheduled else { return }
        window.isScheduled = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let (handler, context) = bound.value
            handler.window.isScheduled = false
            handler.openWindow(context)
        }
    }

    /// While a read is withheld the end of the body may have come unseen: then `resumeReading` comes back here.
    private func openWindow(_ context: ChannelHandlerContext) {
        guard window.isDue, state.isServing, !state.requestEnded, !readIsPending, context.channel.isActive else {
            return
        }
        let increment: Int
        if window.lent > 0 {
            increment = window.handedOver
        } else {
            increment = borrowWindow()
            window.lent = increment
        }
        window.handedOver = 0
        guard increment > 0 else { return }
        let pipeline = context.pipeline.syncOperations
        guard let codec = try? pipeline.context(handlerType: HTTP2FramePayloadToHTTP1ServerCodec.self) else { return }
        codec.writeAndFlush(NIOAny(HTTP2Frame.FramePayload.windowUpdate(windowSizeIncrement: increment)), promise: nil)
    }

    /// No more than the rest of the body, and nothing when that fits into the window that a stream begins with.
    private func borrowWindow() -> Int {
        guard let exchange else { return 0 }
        let first = WindowBudget.firstByteCount
        let rest = (exchange.body.declaredByteCount ?? .max) - Int64(exchange.bytesReceived)
        guard rest > first else { return 0 }
        let wanted = max(0, serving.limits.http2WindowByteCount - first)
        return serving.windows.borrow(Int(min(Int64(wanted), rest)))
    }

    /// Nothing more will come.
    func returnWindow() {
        guard transport == .stream else { return }
        serving.windows.giveBack(window.lent)
        window = StreamWindow()
    }
}

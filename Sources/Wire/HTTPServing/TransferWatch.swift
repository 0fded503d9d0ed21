import Glibc
import NIOCore
import NIOPosix

/// When a connection last made progress, and the timers that look.
struct TransferWatch {
    fileprivate var since = NIODeadline.now()
    fileprivate var windowStart = NIODeadline.now()
    fileprivate var receivedInWindow = 0
    fileprivate var windowsSentBefore = 0
    fileprivate var hasServed = false
    fileprivate var timer: RepeatedTask?
    fileprivate var lingering: Scheduled<Void>?

    mutating func received(_ byteCount: Int) {
        receivedInWindow += byteCount
    }

    mutating func beganRequest() {
        restartWindow(.now())
    }

    mutating func becameIdle() {
        since = .now()
        hasServed = true
    }

    /// Takes over the end of the time that a client has to end the connection itself.
    mutating func linger(_ end: Scheduled<Void>) {
        lingering?.cancel()
        lingering = end
    }

    mutating func cancel() {
        timer?.cancel()
        timer = nil
        lingering?.cancel()
        lingering = nil
    }

    fileprivate mutating func restartWindow(_ now: NIODeadline) {
        windowStart = now
        receivedInWindow = 0
    }
}

extension ExchangeHandler {
    /// Looks at the connection a few times in each of its limits.
    func scheduleWatch(_ context: ChannelHandlerContext) {
        guard watch.timer == nil else { return }
        let limits = serving.limits
        let shortest = min(limits.headerTimeout, limits.idleTimeout, limits.stallTimeout)
        let interval = TimeAmount(max(shortest / 4, .milliseconds(50)))
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        watch.timer = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.look()
        }
    }

    private func look() {
        guard let context else { return watch.cancel() }
        let now = NIODeadline.now()
        switch state.phase {
        case .idle:
            // On HTTP/2 the connection watches for idleness, not each of its streams.
            guard transport != .stream else { return }
            let limit = watch.hasServed ? serving.limits.idleTimeout : serving.limits.headerTimeout
            if now - watch.since > TimeAmount(limit) { context.close(promise: nil) }
        case .serving:
            lookAtTransfer(now, context)
        case .discarding, .lingering, .closed:
            if now - watch.windowStart > TimeAmount(serving.limits.stallTimeout) { context.close(promise: nil) }
        }
    }

    private func lookAtTransfer(_ now: NIODeadline, _ context: ChannelHandlerContext) {
        let isOver = now - watch.windowStart > TimeAmount(serving.limits.stallTimeout)
        if let sender {
            lookAtAnswer(sender, now, isOver: isOver, context)
        } else if isFinishing {
            if isOver { closeUnlessSending(context) }
        } else if let exchange, exchange.body.isAwaited, !state.requestEnded {
            guard isOver else { return }
            if watch.receivedInWindow < ServerLimits.progressByteCountMin {
                state.endAfterThis()
                exchange.body.fail(.stalled)
            }
            watch.restartWindow(now)
        } else {
            // The server itself is at work: that is not the client's fault.
            watch.restartWindow(now)
        }
    }

    private func lookAtAnswer(_ sender: BodySender, _ now: NIODeadline, isOver: Bool, _ context: ChannelHandlerContext)
    {
        if sender.isFetching || sender.windowsSent != watch.windowsSentBefore {
            watch.windowsSentBefore = sender.windowsSent
            watch.restartWindow(now)
        } else if sender.isCutShort {
            context.close(promise: nil)
        } else if isOver {
            closeUnlessSending(context)
        }
    }

    /// A slow client may need longer than the limit for one window; only one to whom nothing could be sent is cut off.
    private func closeUnlessSending(_ context: ChannelHandlerContext) {
        guard transport != .stream, let socket = context.channel as? any SocketOptionProvider else {
            return context.close(promise: nil)
        }
        let limit = TimeAmount(serving.limits.stallTimeout).nanoseconds / 1_000_000
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        socket.getTCPInfo().hop(to: context.eventLoop).whenComplete { result in
            let isSending = (try? result.get()).map { Int64($0.tcpi_last_data_sent) < limit } ?? false
            if !isSending { bound.value.close(promise: nil) }
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

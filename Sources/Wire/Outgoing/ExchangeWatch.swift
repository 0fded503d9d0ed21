import NIOCore
import NIOHTTP1
import NIOSSL
import NetworkAddress

/// Ends an exchange in which a server makes us wait too long, and lets none begin with the wrong server: one whose
/// address may not be dialled, or whose certificate is not for its host.
///
/// It stands in the pipeline between the codec and the client, for a connection of HTTP/1.1 or a stream of HTTP/2. A
/// wait counts only while something is asked for: a caller who takes his time with the body costs the server nothing.
final class ExchangeWatch: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// What is waited for.
    enum Wait {
        /// The first byte of the answer: the request is sent.
        case firstByte
        /// The next part of the answer, which was asked for.
        case nextByte
        /// That the server takes what is to be sent.
        case room
    }

    /// Where an exchange stands; after `receiving` comes `idle`.
    private enum Phase { case idle, sending, awaitingHead, receiving }

    private let limits: OutgoingLimits
    private let guardian: AddressGuard
    private let verification: OutgoingTLS.Verification
    private let target: OutgoingTarget
    private var phase = Phase.idle
    /// Why the exchange was ended from here.
    private var verdict: OutgoingError?
    private var waiting: (wait: Wait, since: NIODeadline)?
    private var alarm: (task: Scheduled<Void>, deadline: NIODeadline)?

    init(
        limits: OutgoingLimits,
        guardian: AddressGuard,
        verification: OutgoingTLS.Verification,
        target: OutgoingTarget
    ) {
        self.limits = limits
        self.guardian = guardian
        self.verification = verification
        self.target = target
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            if let error = refusal(of: context.channel.parent ?? context.channel) {
                promise?.fail(error)
                return fail(error, context: context)
            }
            phase = .sending
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise.map { judged($0, context: context) })
        case .end:
            let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
            let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            promise.futureResult.whenSuccess {
                let (watch, context) = box.value
                guard watch.phase == .sending else { return }
                watch.phase = .awaitingHead
                watch.begin(.firstByte, context: context)
            }
            context.write(data, promise: judged(promise, context: context))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if waiting?.wait == .room { waiting = nil }
        } else if phase == .sending, waiting == nil {
            begin(.room, context: context)
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if phase == .receiving, waiting == nil { begin(.nextByte, context: context) }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where head.status.code < 200 && head.status != .switchingProtocols:
            break
        case .head, .body:
            phase = .receiving
            waiting = nil
        case .end:
            phase = .idle
            waiting = nil
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    private func stop() {
        waiting = nil
        alarm?.task.cancel()
        alarm = nil
    }

    /// One alarm serves all waits of a connection: it is moved when it rings too early, and not with each part.
    private func begin(_ wait: Wait, context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        waiting = (wait, now)
        let deadline = now + TimeAmount(limit(of: wait))
        if let alarm, alarm.deadline <= deadline { return }
        alarm?.task.cancel()
        set(alarmAt: deadline, context: context)
    }

    private func set(alarmAt deadline: NIODeadline, context: ChannelHandlerContext) {
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let task = context.eventLoop.scheduleTask(deadline: deadline) {
            let (watch, context) = box.value
            watch.alarm = nil
            watch.ring(context: context)
        }
        alarm = (task, deadline)
    }

    private func ring(context: ChannelHandlerContext) {
        guard let (wait, since) = waiting else { return }
        let deadline = since + TimeAmount(limit(of: wait))
        guard deadline <= .now() else { return set(alarmAt: deadline, context: context) }
        fail(.waitedTooLong(wait, limit(of: wait), target), context: context)
    }

    /// A promise for a write that fails by our verdict, where there is one: what was not written yet fails first when
    /// the connection is closed, and would be taken for the cause.
    private func judged(_ promise: EventLoopPromise<Void>, context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        let written = context.eventLoop.makePromise(of: Void.self)
        let box = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { result in
            promise.completeWith(result.mapError { box.value.verdict ?? $0 })
        }
        return written
    }

    private func fail(_ error: OutgoingError, context: ChannelHandlerContext) {
        stop()
        verdict = error
        phase = .idle
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    private func limit(of wait: Wait) -> Duration {
        switch wait {
        case .firstByte: limits.firstByteTimeout
        case .nextByte, .room: limits.stallTimeout
        }
    }

    /// The last look, after that of the guard and of TLS: at what was really connected to.
    private func refusal(of connection: any Channel) -> OutgoingError? {
        if let text = connection.remoteAddress?.ipAddress, let address = IPAddress(text),
            let refusal = guardian.refusal(of: address)
        {
            return .forbidden(refusal, target)
        }
        guard verification == .full, case .https(let host, _) = target else { return nil }
        let certificate = try? connection.pipeline.syncOperations.nioSSL_peerCertificate()
        if let certificate, CertificateNames(certificate).contain(host) { return nil }
        return .certificateOfAnother(target)
    }
}

import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2

// What is refused before it is a request, and how a connection ends without harm to the answer before.

extension ExchangeHandler {
    /// How long a client may take to end a connection whose last answer it has.
    static let lingerTime = TimeAmount.seconds(5)

    /// The decoder could not read what came as HTTP; it will read nothing behind it.
    func misread(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        switch state.phase {
        case .idle:
            refuse(Self.status(of: error), context)
        case .serving where state.requestEnded || !ahead.isEmpty:
            // What was asked before is answered first.
            fault = error
        case .serving where error != .invalidEOFState:
            state.endAfterThis()
            exchange?.body.fail(.malformed)
        case .serving, .discarding:
            context.close(promise: nil)
        case .lingering, .closed:
            break
        }
    }

    /// Answers what could not be read as a request, and ends the connection.
    func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        guard transport != .stream else { return context.close(promise: nil) }
        state.refuse()
        watch.beganRequest()
        let text = "\(status.code) \(status.reasonPhrase)\n"
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Content-Length": String(text.utf8.count),
            "Connection": "close", "Date": HTTPDate.now(),
        ]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        serving.metrics.record(.RAW(value: "OTHER"), status: Int(status.code), nanoseconds: 0)
        serving.accessLog?.info("what came is no request: \(status.code)", metadata: ["client": .string(peer)])
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            let (handler, context) = bound.value
            handler.perform(.linger, context)
        }
    }

    private static func status(of error: HTTPParserError) -> HTTPResponseStatus {
        switch error {
        case .headerOverflow: .requestHeaderFieldsTooLarge
        case .invalidVersion: .httpVersionNotSupported
        default: .badRequest
        }
    }

    /// Ends the connection when all that was answered has left.
    func close(_ context: ChannelHandlerContext) {
        if transport == .stream { return state.requestEnded ? context.close(promise: nil) : resetStream(context) }
        watch.beganRequest()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // An empty write is done when all before it are; to close a connection drops what it has not sent.
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer())))).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }

    /// Lets the client read the last answer before the connection ends.
    func linger(_ context: ChannelHandlerContext) {
        guard transport != .stream else { return resetStream(context) }
        guard !hasInputEnded else { return context.close(promise: nil) }
        if transport == .plain { context.close(mode: .output, promise: nil) }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        watch.linger(context.eventLoop.scheduleTask(in: Self.lingerTime) { bound.value.context?.close(promise: nil) })
        resumeReading(context)
    }

    /// Tells a client of HTTP/2 that the rest of its request is not wanted and the answer is whole all the same (RFC
    /// 9113 section 8.1).
    ///
    /// To close the stream would call it cancelled, and clients then throw the answer away.
    func resetStream(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        guard let codec = try? pipeline.context(handlerType: HTTP2FramePayloadToHTTP1ServerCodec.self) else {
            return context.close(promise: nil)
        }
        codec.writeAndFlush(NIOAny(HTTP2Frame.FramePayload.rstStream(.noError)), promise: nil)
    }
}

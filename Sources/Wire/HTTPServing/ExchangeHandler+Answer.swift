import Logging
import NIOCore
import NIOHTTP1
import Observability

// Answering: the responder is started, its answer is written, and the exchange ends when the answer is out.

extension ExchangeHandler {
    /// Bodies up to this are handed to the connection at once, in bytes.
    private static let bytesAtOnceMax = 64 << 10

    func start(_ context: ChannelHandlerContext) {
        guard let request = unstarted, exchange != nil else { return }
        guard !isReading || state.requestEnded else { return }
        unstarted = nil
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let responder = serving.responder
        let id = request.id
        let serving = serving
        serving.taskBegan()
        let task = Task.immediate(executorPreference: executor) {
            defer { serving.taskEnded() }
            let response = await responder.respond(to: request)
            if loop.inEventLoop {
                bound.value.answer(id, response)
            } else {
                loop.execute { bound.value.answer(id, response) }
            }
        }
        // An answer may be out already, and the exchange over.
        if exchange?.id == id { exchange?.task = task }
    }

    private func answer(_ id: RequestID, _ response: ServerResponse) {
        guard let context, state.isServing, exchange?.id == id else {
            response.onEnd?(0)
            return
        }
        send(response, context)
    }

    /// Writes an answer.
    private func send(_ response: ServerResponse, _ context: ChannelHandlerContext) {
        guard let exchange else { return }
        let isHead = exchange.head.method == .HEAD
        var headers = response.headers
        let length = Self.length(of: response.body)
        if response.status.mayHaveResponseBody, !headers.contains(name: "content-length") {
            headers.add(name: "Content-Length", value: String(length))
        }
        headers.add(name: "Date", value: HTTPDate.now())
        if transport != .stream { frame(&headers, exchange) }
        self.exchange?.status = Int(response.status.code)
        self.exchange?.onEnd = response.onEnd
        let head = HTTPResponseHead(version: exchange.head.version, status: response.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if isHead || length == 0 { return finish(context) }
        switch response.body {
        case .none:
            finish(context)
        case .bytes(let bytes) where bytes.readableBytes <= Self.bytesAtOnceMax:
            self.exchange?.bytesSent = bytes.readableBytes
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            finish(context)
        case .bytes(let bytes):
            send(.bytes(bytes), context)
        case .file(let slice):
            send(.file(slice), context)
        case .stream(let stream, let byteCount):
            send(.stream(stream, byteCount: byteCount), context)
        }
    }

    private func send(_ content: BodySender.Content, _ context: ChannelHandlerContext) {
        let sender = BodySender(content, handler: self, context: context)
        self.sender = sender
        sender.start()
    }

    /// Says whether the connection lives on, where HTTP/1 wants that said.
    private func frame(_ headers: inout HTTPHeaders, _ exchange: Exchange) {
        if !state.requestEnded, exchange.expectsContinue { state.endAfterThis() }
        if serving.isDraining { state.endAfterThis() }
        if !state.requestEnded, Self.isTooMuchLeft(of: exchange) { state.endAfterThis() }
        if state.isLast {
            headers.replaceOrAdd(name: "Connection", value: "close")
        } else if exchange.head.version.minor == 0 {
            headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
    }

    /// Whether the connection will end because of the rest of the body: a client that is not told so would send its
    /// next request into the end.
    private static func isTooMuchLeft(of exchange: Exchange) -> Bool {
        guard let declared = exchange.body.declaredByteCount else { return false }
        return declared - Int64(exchange.bytesReceived) > ExchangeState.discardByteCountMax
    }

    /// Writes the end of an answer and flushes all of it.
    ///
    /// The exchange is over at once where nothing can go wrong any more. Where the connection ends with it, or still
    /// has more to send than it can, the exchange lasts until all is out: a connection that is closed drops what it
    /// has not sent, and a client that does not read must not make the server write more and more.
    func finish(_ context: ChannelHandlerContext) {
        sender = nil
        // Whoever still reads the body has nothing to answer any more.
        if !state.requestEnded { exchange?.body.fail(.connectionClosed) }
        guard state.isLast || transport == .stream || !context.channel.isWritable else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            return answered(context)
        }
        isFinishing = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { result in
            let (handler, context) = bound.value
            handler.isFinishing = false
            switch result {
            case .success: handler.answered(context)
            case .failure: context.close(promise: nil)
            }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    /// The last part of an answer has been handed to the socket.
    private func answered(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        self.exchange = nil
        record(exchange)
        perform(state.endResponse(bodyWasWithheld: exchange.expectsContinue), context)
    }

    func perform(_ action: ExchangeState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none:
            resumeReading(context)
        case .linger:
            linger(context)
        case .close:
            close(context)
        case .proceed:
            watch.becameIdle()
            proceed(context)
        }
    }

    private static func length(of body: ServerResponse.Body) -> Int64 {
        switch body {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.readableBytes)
        case .file(let slice): slice.byteCount
        case .stream(_, let byteCount): byteCount
        }
    }

    /// Counts and logs an exchange that is over.
    func record(_ exchange: Exchange) {
        let elapsed = NIODeadline.now() - exchange.start
        let metrics = serving.metrics
        metrics.record(exchange.head.method, status: exchange.status, nanoseconds: Int(elapsed.nanoseconds))
        metrics.bytesReceived.increment(by: exchange.bytesReceived)
        metrics.bytesSent.increment(by: exchange.bytesSent)
        exchange.onEnd?(exchange.bytesSent)
        guard let log = serving.accessLog else { return }
        log.info(
            "\(exchange.head.method.rawValue) \(exchange.head.uri) \(exchange.status)",
            metadata: [
                "request": .stringConvertible(exchange.id),
                "client": .string(exchange.clientAddress),
                "milliseconds": .stringConvertible(Double(elapsed.nanoseconds / 1000) / 1000),
                "received": .stringConvertible(exchange.bytesReceived),
                "sent": .stringConvertible(exchange.bytesSent),
                "agent": .string(exchange.head.headers.first(name: "user-agent") ?? ""),
            ]
        )
    }
}

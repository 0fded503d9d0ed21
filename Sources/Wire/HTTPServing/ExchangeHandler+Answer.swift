import Logging
import NIOCore
import NIOHTTP1
import Observability

// Writing answers: header, body, end.

extension ExchangeHandler {
    /// Writes an answer.
    func send(_ response: ServerResponse, _ context: ChannelHandlerContext) {
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
        let head = HTTPResponseHead(version: exchange.head.version, status: response.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if isHead || length == 0 {
            finish(context)
            return
        }
        self.exchange?.bytesSent = Int(length)
        switch response.body {
        case .none:
            finish(context)
        case .bytes(let bytes):
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            finish(context)
        case .file(let slice):
            sender = FileSender(slice, handler: self, context: context)
            sender?.start()
        }
    }

    /// Says whether the connection lives on, where HTTP/1 wants that said.
    private func frame(_ headers: inout HTTPHeaders, _ exchange: Exchange) {
        if !state.requestEnded, exchange.expectsContinue { state.endAfterThis() }
        if state.isLast {
            headers.replaceOrAdd(name: "Connection", value: "close")
        } else if exchange.head.version.minor == 0 {
            headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
    }

    /// Writes the end of an answer and flushes all of it.
    func finish(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        answered(context)
    }

    /// Answers what could not be read as a request, and ends the connection.
    func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        state.close()
        let text = "\(status.code) \(status.reasonPhrase)\n"
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Content-Length": String(text.utf8.count),
            "Connection": "close", "Date": HTTPDate.now(),
        ]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        serving.metrics.record(.RAW(value: "OTHER"), status: Int(status.code), nanoseconds: 0)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    static func status(of error: any Error) -> HTTPResponseStatus {
        switch error as? HTTPParserError {
        case .headerOverflow: .requestHeaderFieldsTooLarge
        case .invalidVersion: .httpVersionNotSupported
        default: .badRequest
        }
    }

    private static func length(of body: ServerResponse.Body) -> Int64 {
        switch body {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.readableBytes)
        case .file(let slice): slice.byteCount
        }
    }

    /// Counts and logs an exchange that is over.
    func record(_ exchange: Exchange) {
        let elapsed = NIODeadline.now() - exchange.start
        let metrics = serving.metrics
        metrics.record(exchange.head.method, status: exchange.status, nanoseconds: Int(elapsed.nanoseconds))
        metrics.bytesReceived.increment(by: exchange.bytesReceived)
        metrics.bytesSent.increment(by: exchange.bytesSent)
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

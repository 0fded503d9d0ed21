import NIOCore
import NIOHTTP1

// Reading: what comes over the connection becomes requests and their bodies.

extension ExchangeHandler {
    /// Bodies above this are read in large pieces.
    private static let bigBodyByteCountMin: Int64 = 64 << 10

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { readIsPending = true }
    }

    private var mayRead: Bool {
        switch state.phase {
        case .idle, .discarding, .lingering: true
        case .serving: state.requestEnded ? mayReadAhead : exchange?.body.wantsMore ?? false
        case .closed: false
        }
    }

    /// Whether one read may come before the answer to a whole request is out.
    ///
    /// A connection of HTTP/1 stays registered for reading, which would cost two system calls for each request to end
    /// and to begin again; what a client has sent ahead is held, and withholds the next read.
    private var mayReadAhead: Bool {
        transport != .stream && ahead.isEmpty && !hasInputEnded
    }

    func resumeReading(_ context: ChannelHandlerContext) {
        if readIsPending, mayRead {
            readIsPending = false
            context.read()
        }
        openWindowSoon(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let part = unwrapInboundIn(data)
        if ahead.isEmpty, belongsNow { take(part, context) } else { ahead.append(part) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        start(context)
        openWindowSoon(context)
        context.fireChannelReadComplete()
    }

    /// Whether the next part belongs to the exchange at hand, or begins one when there is none.
    private var belongsNow: Bool {
        state.isServing ? !state.requestEnded : true
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            guard state.phase == .idle else { return }
            begin(head, context)
        case .body(let buffer):
            watch.received(buffer.readableBytes)
            window.received(buffer.readableBytes)
            if state.isServing {
                exchange?.bytesReceived += buffer.readableBytes
                exchange?.body.receive(buffer)
            } else {
                perform(state.discard(buffer.readableBytes), context)
            }
        case .end:
            returnWindow()
            let action = state.endRequest()
            settleBody()
            exchange?.body.end()
            setBigReads(false, context)
            start(context)
            perform(action, context)
        }
    }

    /// Looks at what the client sent ahead, as far as it belongs to the next request.
    ///
    /// An answer that is there at once calls this again from within: then the loop that runs already goes on, so that a
    /// client cannot make the stack as deep as it likes.
    func proceed(_ context: ChannelHandlerContext) {
        guard !isProceeding else { return }
        isProceeding = true
        while let part = ahead.first, belongsNow {
            ahead.removeFirst()
            take(part, context)
        }
        isProceeding = false
        start(context)
        if ahead.isEmpty, let fault {
            self.fault = nil
            misread(fault, context)
        }
        if ahead.isEmpty, hasInputEnded { perform(state.quiesce(), context) }
        resumeReading(context)
    }

    // MARK: The beginning of a request

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let announced = head.headers.first(name: "content-length")
        let length = announced.flatMap { Int64($0) }
        let isChunked = transport != .stream && head.headers.contains(name: "transfer-encoding")
        // Only a length beyond 2^63 gets here without being a number.
        if announced != nil, length == nil { return refuse(.badRequest, context) }
        if transport != .stream, !Self.namesOneHost(head) { return refuse(.badRequest, context) }
        if isChunked, let status = Self.refusal(ofCodingsIn: head) { return refuse(status, context) }
        state.begin(keepAlive: transport == .stream || (head.isKeepAlive && !Self.leavesHTTP(head)))
        watch.beganRequest()
        let isBodyless = length == 0 || (length == nil && transport != .stream && !isChunked)
        let id = serving.nextRequestID()
        let body = isBodyless ? RequestBody() : incomingBody(length, id, context)
        if !isBodyless, length ?? .max > Self.bigBodyByteCountMin { setBigReads(true, context) }
        let address = serving.proxies.clientAddress(peer: peer, headers: head.headers)
        exchange = Exchange(
            head: head,
            body: body,
            id: id,
            clientAddress: address,
            start: .now(),
            expectsContinue: !isBodyless && head.version != .http1_0 && head.headers.contains(name: "expect")
                && head.headers[canonicalForm: "expect"].contains { $0.isToken("100-continue") }
        )
        unstarted = ServerRequest(
            method: head.method,
            target: Self.target(of: head),
            headers: head.headers,
            body: body,
            id: id,
            clientAddress: address,
            isSecure: transport != .plain
        )
    }

    /// Why a body cannot be read in the codings that its header names: only chunks are known, and only to HTTP/1.1 (RFC
    /// 9112 section 6.1).
    private static func refusal(ofCodingsIn head: HTTPRequestHead) -> HTTPResponseStatus? {
        guard head.version == .http1_1 else { return .badRequest }
        let codings = head.headers[canonicalForm: "transfer-encoding"]
        return codings.count == 1 && codings[0].isToken("chunked") ? nil : .notImplemented
    }

    /// Whether a request has one Host that may be one, or is of HTTP/1.0 and has none (RFC 9112 section 3.2).
    ///
    /// The server has no use for it, but whoever stands before it may have taken another one for the true one.
    private static func namesOneHost(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"]
        guard let host = hosts.first else { return head.version == .http1_0 }
        return hosts.count == 1
            && host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
                }
            }
    }

    /// Path and query.
    ///
    /// A request may name the server before them, as it does to a proxy (RFC 9112 section 3.2.2).
    private static func target(of head: HTTPRequestHead) -> String {
        let uri = head.uri.utf8
        guard uri.first != UInt8(ascii: "/"), let colon = uri.firstIndex(of: UInt8(ascii: ":")) else { return head.uri }
        guard uri[colon...].starts(with: "://".utf8) else { return head.uri }
        let rest = uri[colon...].dropFirst(3)
        return rest.firstIndex(of: UInt8(ascii: "/")).map { String(Substring(rest[$0...])) } ?? "/"
    }

    /// Whether another protocol may follow the request: the decoder then reads nothing behind it as HTTP.
    private static func leavesHTTP(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT || head.headers.contains(name: "upgrade")
    }

    private func incomingBody(_ length: Int64?, _ id: RequestID, _ context: ChannelHandlerContext) -> RequestBody {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        return RequestBody(
            declaredByteCount: length,
            budget: serving.budget,
            source: .init(demand: {
                if loop.inEventLoop { bound.value.demanded(id) } else { loop.execute { bound.value.demanded(id) } }
            })
        )
    }

    /// A request of HTTP/2 need not say that it has no body: when its end comes with its header it has none.
    private func settleBody() {
        guard transport == .stream, unstarted != nil, exchange?.bytesReceived == 0 else { return }
        let none = RequestBody()
        exchange?.body = none
        unstarted?.body = none
    }

    /// The responder waits for more of the body.
    private func demanded(_ id: RequestID) {
        guard let context, state.isServing, exchange?.id == id else { return }
        if exchange?.expectsContinue == true {
            exchange?.expectsContinue = false
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
                promise: nil
            )
        }
        window.want()
        resumeReading(context)
    }

    /// Larger reads while a body comes in: a quarter of the cost of an upload is the number of reads.
    private func setBigReads(_ on: Bool, _ context: ChannelHandlerContext) {
        guard transport != .stream, hasBigReads != on else { return }
        hasBigReads = on
        let sizeMax = min(transport == .plain ? 128 << 10 : 32 << 10, serving.budget.batchByteCount)
        let size = on ? sizeMax : 8 << 10
        try? context.channel.syncOptions?.setOption(
            .recvAllocator,
            value: FixedSizeRecvByteBufferAllocator(capacity: size)
        )
    }
}

extension StringProtocol {
    /// Whether it is a token, which is written here in lower case, in any case of its ASCII letters.
    ///
    /// Compared as bytes: to String, the sign of the kelvin in lower case is a k.
    fileprivate func isToken(_ token: String) -> Bool {
        utf8.elementsEqual(token.utf8) { byte, other in
            (0x41...0x5A).contains(byte) ? byte | 0x20 == other : byte == other
        }
    }
}

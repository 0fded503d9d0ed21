import NIOCore

/// Asks a proxy for a way to a server by `CONNECT`, and passes everything on when it is open (RFC 9110 section 9.3.6).
///
/// The transport does this for requests, and does not tell with which status a proxy refuses.
final class TunnelOpener<Value: Sendable>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// No answer has a longer header, in bytes.
    private static var headerByteCountMax: Int { 16 << 10 }

    private let target: OutgoingTarget
    private let proxy: OutgoingProxy
    private let promise: EventLoopPromise<Value>
    private let opened: () -> Void
    private var header: [UInt8] = []
    private var isOpen = false

    /// `promise` is told when there will be no way, and `opened` is called when there is one.
    init(
        target: OutgoingTarget,
        proxy: OutgoingProxy,
        promise: EventLoopPromise<Value>,
        opened: @escaping () -> Void
    ) {
        self.target = target
        self.proxy = proxy
        self.promise = promise
        self.opened = opened
    }

    func channelActive(context: ChannelHandlerContext) {
        var text = "CONNECT \(target.place) HTTP/1.1\r\nHost: \(target.place)\r\n"
        if let credentials = proxy.credentials { text += "Proxy-Authorization: \(credentials.basic)\r\n" }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOpen else { return context.fireChannelRead(data) }
        header += unwrapInboundIn(data).readableBytesView
        let end = Array("\r\n\r\n".utf8)
        guard let last = header.indices.first(where: { header[$0...].starts(with: end) }) else {
            if header.count > Self.headerByteCountMax { fail("answers with what is not HTTP", context) }
            return
        }
        let line = header.prefix { $0 != 0x0D }
        let words = line.split(separator: 0x20, maxSplits: 2).map { String(decoding: $0, as: UTF8.self) }
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return fail("answers with what is not HTTP", context)
        }
        switch status {
        case 200..<300:
            isOpen = true
            opened()
            let rest = header[(last + end.count)...]
            if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
        case 407:
            promise.fail(OutgoingError.proxyAsksWhoComes(proxy, target))
            context.close(promise: nil)
        default: fail("does not let us through: it answers \(status)", context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(OutgoingError(.proxy, "The proxy \(proxy), on the way to \(target.place), ended the connection."))
        context.fireChannelInactive()
    }

    private func fail(_ what: String, _ context: ChannelHandlerContext) {
        promise.fail(OutgoingError(.proxy, "The proxy \(proxy), on the way to \(target.place), \(what)."))
        context.close(promise: nil)
    }
}

/// The text of certificates (RFC 7468).
enum PEMText {
    static func certificate(_ bytes: [UInt8]) -> String {
        let text = Array(Base64.text(bytes).utf8)
        let lines = stride(from: 0, to: text.count, by: 64).map { start in
            String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self)
        }
        return "-----BEGIN CERTIFICATE-----\n" + lines.joined(separator: "\n") + "\n-----END CERTIFICATE-----\n"
    }
}

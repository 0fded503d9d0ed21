import NIOCore
import NIOHTTP1

/// Turns requests into those that a proxy forwards: `GET http://host/path` (RFC 9112 section 3.2.2).
///
/// The transport would ask for a tunnel in the clear as well, which many proxies allow only to port 443.
final class AbsoluteForm: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let credentials: OutgoingCredentials?

    init(credentials: OutgoingCredentials?) {
        self.credentials = credentials
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), let host = head.headers.first(name: "Host") else {
            return context.write(data, promise: promise)
        }
        head.uri = "http://\(host)\(head.uri)"
        if let credentials { head.headers.replaceOrAdd(name: "Proxy-Authorization", value: credentials.basic) }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}

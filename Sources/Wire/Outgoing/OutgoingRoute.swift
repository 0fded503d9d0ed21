import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NetworkAddress

/// A way to a server: straight or through a proxy, and to which of its addresses.
struct OutgoingRoute: Hashable, Sendable {
    enum Way: Hashable, Sendable {
        case straight
        /// Through a proxy that only passes bytes on: `CONNECT`.
        case tunnel(OutgoingProxy)
        /// Through a proxy that reads the request and sends it on.
        case forwarded(OutgoingProxy)
    }

    let target: OutgoingTarget
    let way: Way
    /// The one address that is dialled, or that the proxy is asked for; nil leaves the choice to the transport.
    let pin: IPAddress?

    /// The URL as the transport must have it to take this way.
    func transportURL(of url: OutgoingURL) -> String {
        switch (target, way) {
        case (.unixSocket(let path), _): "http+unix://\(Self.escaped(path))\(url.pathAndQuery)"
        case (_, .forwarded(let proxy)): "http://\(proxy)\(url.pathAndQuery)"
        default: "\(target)\(url.pathAndQuery)"
        }
    }

    /// The transport of this route, which must be shut down.
    func transport(
        tls: TLSConfiguration,
        limits: OutgoingLimits,
        guardian: AddressGuard
    ) -> HTTPClient {
        var settings = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        settings.timeout.connect = TimeAmount(limits.connectTimeout)
        settings.connectionPool = .init(
            idleTimeout: TimeAmount(limits.idleTimeout),
            concurrentHTTP1ConnectionsPerHostSoftLimit: limits.connectionsPerServerMax
        )
        settings.connectionPool.retryConnectionEstablishment = false
        if let pin, let host = target.host { settings.dnsOverride = [host: pin.description] }
        if case .tunnel(let proxy) = way {
            let credentials = proxy.credentials.map { own in
                HTTPClient.Authorization.basic(username: own.user, password: own.password)
            }
            settings.proxy = .server(host: proxy.host, port: proxy.port, authorization: credentials)
        }
        // A proxy's own address is what the operator has set, so that only straight ways are looked at.
        let watched = way == .straight ? guardian : .anywhere
        let verification: OutgoingTLS.Verification =
            tls.certificateVerification == .none ? .insecureAcceptsAnyCertificate : .full
        let credentials = forwardingCredentials
        settings.http1_1ConnectionDebugInitializer = { [target] channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                let codec = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
                let watch = ExchangeWatch(limits: limits, guardian: watched, verification: verification, target: target)
                try pipeline.addHandler(watch, position: .after(codec))
                if let credentials {
                    try pipeline.addHandler(AbsoluteForm(credentials: credentials.own), position: .after(watch))
                }
            }
        }
        settings.http2StreamChannelDebugInitializer = { [target] channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                let codec = try pipeline.handler(type: HTTP2FramePayloadToHTTP1ClientCodec.self)
                let watch = ExchangeWatch(limits: limits, guardian: watched, verification: verification, target: target)
                try pipeline.addHandler(watch, position: .after(codec))
            }
        }
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings)
    }

    /// Who we are to a proxy that forwards; nil where none does.
    private var forwardingCredentials: (own: OutgoingCredentials?, Void)? {
        guard case .forwarded(let proxy) = way else { return nil }
        return (proxy.credentials, ())
    }

    /// A path in the place of a host: everything but letters and digits is escaped.
    private static func escaped(_ path: String) -> String {
        path.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

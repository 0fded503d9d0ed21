import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the transport throws, in the words of a person who must mend it.
extension OutgoingError {
    /// An error of the transport, of a resolver, or one that is told already.
    static func transport(_ error: any Error, target: OutgoingTarget, proxy: OutgoingProxy?) -> OutgoingError {
        let dialled = proxy.map { "the proxy \($0), on the way to \(target.place)," } ?? target.place
        switch error {
        case let error as OutgoingError: return error
        case is CancellationError:
            return OutgoingError(.cancelled, "The request to \(target.place) was cancelled.", underlying: error)
        case let failure as RequestBodyFailure:
            return OutgoingError(
                .requestBodyFailed,
                "What was to be sent to \(target.place) could not be read.",
                underlying: failure.underlying
            )
        case let error as HTTPClientError: return client(error, target, dialled, proxy)
        case let error as NIOConnectionError: return connection(error, target, dialled)
        case let error as IOError: return system(error, target, dialled)
        case let error as ChannelError: return channel(error, target, dialled)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return tls(error, target)
        case HTTPParserError.headerOverflow:
            return OutgoingError(
                .headerTooLarge,
                "The header of the answer of \(target.place) is too long.",
                underlying: error
            )
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection: return lost(error, target)
        case is HTTPParserError: return notHTTP(error, target)
        default: return other(error, target)
        }
    }

    /// The guard's refusal.
    static func forbidden(_ refusal: AddressGuard.Refusal, _ target: OutgoingTarget) -> OutgoingError {
        OutgoingError(
            .addressForbidden,
            "\(target.place) may not be dialled: \(refusal). If it should, its block must be allowed in the "
                + "configuration.",
            isBeforeSending: true
        )
    }

    /// A name without addresses.
    static func noSuchName(_ target: OutgoingTarget, underlying: (any Error)? = nil) -> OutgoingError {
        OutgoingError(
            .nameNotFound,
            "There is no host named \(target.host ?? target.place). Look at its spelling and at the name servers.",
            underlying: underlying,
            isBeforeSending: true
        )
    }

    /// A certificate that is good, but for somebody else.
    static func certificateOfAnother(_ target: OutgoingTarget, underlying: (any Error)? = nil) -> OutgoingError {
        OutgoingError(
            .tls,
            "No TLS with \(target.place): its certificate is for another name. Dial it by the name in the certificate.",
            underlying: underlying
        )
    }

    /// A proxy's 407.
    static func proxyAsksWhoComes(_ proxy: OutgoingProxy, _ target: OutgoingTarget) -> OutgoingError {
        OutgoingError(
            .proxy,
            "The proxy \(proxy), on the way to \(target.place), asks for a user and password, or refuses those that it "
                + "was given."
        )
    }

    /// The watch's verdict.
    static func waitedTooLong(
        _ wait: ExchangeWatch.Wait,
        _ limit: Duration,
        _ target: OutgoingTarget
    ) -> OutgoingError {
        let what =
            switch wait {
            case .firstByte: "did not answer"
            case .nextByte: "sent nothing more"
            case .room: "took nothing more"
            }
        return OutgoingError(
            .timedOut,
            "\(target.place) \(what) within \(limit). Try again later, or ask its operator."
        )
    }

    private static func client(
        _ error: HTTPClientError,
        _ target: OutgoingTarget,
        _ dialled: String,
        _ proxy: OutgoingProxy?
    ) -> OutgoingError {
        func make(_ code: Code, _ message: String, isBeforeSending: Bool = false) -> OutgoingError {
            OutgoingError(code, message, underlying: error, isBeforeSending: isBeforeSending)
        }
        switch error {
        case .cancelled: return make(.cancelled, "The request to \(target.place) was cancelled.")
        case .alreadyShutdown: return make(.clientClosed, "The client for \(target.place) has been shut down.")
        case .connectTimeout:
            return make(
                .timedOut,
                "\(dialled) could not be reached in time. Look whether a firewall is in between.",
                isBeforeSending: true
            )
        case .getConnectionFromPoolTimeout:
            return make(.timedOut, "No connection to \(target.place) became free in time: too much goes on at once.")
        case .tlsHandshakeTimeout:
            return make(.timedOut, "\(target.place) did not finish the TLS handshake in time. Does it speak https?")
        case .httpProxyHandshakeTimeout: return make(.timedOut, "\(dialled) did not open a way in time.")
        case .proxyAuthenticationRequired:
            guard let proxy else { return other(error, target) }
            return proxyAsksWhoComes(proxy, target)
        case .invalidProxyResponse:
            return make(.proxy, "\(dialled) does not let us through. Ask its operator, or name the host in NO_PROXY.")
        case .remoteConnectionClosed, .uncleanShutdown: return lost(error, target)
        case .bodyLengthMismatch:
            return make(.requestBodyFailed, "What was to be sent to \(target.place) has another length than was said.")
        default:
            return other(error, target)
        }
    }

    private static func connection(
        _ error: NIOConnectionError,
        _ target: OutgoingTarget,
        _ dialled: String
    ) -> OutgoingError {
        guard let first = error.connectionErrors.first else {
            guard dialled == target.place else {
                return OutgoingError(
                    .proxy,
                    "There is no host by the name of \(dialled) so look at the variables for proxies.",
                    underlying: error
                )
            }
            return noSuchName(target, underlying: error)
        }
        var told = transport(first.error, target: target, proxy: nil)
        told.message = told.message.replacing(target.place, with: dialled, maxReplacements: 1)
        told.underlying = error
        return told
    }

    private static func system(_ error: IOError, _ target: OutgoingTarget, _ dialled: String) -> OutgoingError {
        func make(_ code: Code, _ message: String, isBeforeSending: Bool = true) -> OutgoingError {
            OutgoingError(code, message, underlying: error, isBeforeSending: isBeforeSending)
        }
        switch (error.errnoCode, target) {
        case (ECONNREFUSED, .unixSocket(let path)), (ENOENT, .unixSocket(let path)):
            return make(.refused, "Nobody listens at the socket \(path). Is the server running?")
        case (EACCES, .unixSocket(let path)):
            return make(.refused, "The socket \(path) may not be opened by this user.")
        case (ECONNREFUSED, _): return make(.refused, "\(dialled) refused the connection. Is it running, on that port?")
        case (EHOSTUNREACH, _), (ENETUNREACH, _), (EADDRNOTAVAIL, _), (EACCES, _):
            return make(.unreachable, "There is no way to \(dialled). Look at the network and its firewalls.")
        case (ETIMEDOUT, _):
            return make(.timedOut, "\(dialled) could not be reached in time. Look whether a firewall is in between.")
        case (ECONNRESET, _), (EPIPE, _): return lost(error, target)
        default: return other(error, target)
        }
    }

    private static func channel(_ error: ChannelError, _ target: OutgoingTarget, _ dialled: String) -> OutgoingError {
        switch error {
        case .connectTimeout:
            OutgoingError(
                .timedOut,
                "\(dialled) could not be reached in time. Look whether a firewall is in between.",
                underlying: error,
                isBeforeSending: true
            )
        case .ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed: lost(error, target)
        default: other(error, target)
        }
    }

    private static func tls(_ error: any Error, _ target: OutgoingTarget) -> OutgoingError {
        if case NIOSSLError.uncleanShutdown = error { return lost(error, target) }
        let text = "\(error)"
        if text.contains("ostname") { return certificateOfAnother(target, underlying: error) }
        let advice =
            if text.contains("CERTIFICATE_VERIFY_FAILED") {
                "its certificate is not from an authority that is trusted here, or has expired. Name the file of its "
                    + "authority with --ca FILE."
            } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
                "it does not speak TLS on that port. Plain HTTP has to be said: --plain-http, or http:// in front of "
                    + "a server's address."
            } else if text.contains("PROTOCOL_VERSION") || text.contains("UNSUPPORTED_PROTOCOL") {
                "it speaks neither TLS 1.2 nor 1.3. Its operator should allow them."
            } else if text.contains("CERTIFICATE_REQUIRED") || text.contains("BAD_CERTIFICATE") {
                "it wants a client's certificate, or another one than it was shown."
            } else {
                "the handshake failed."
            }
        return OutgoingError(.tls, "No TLS with \(target.place): \(advice)", underlying: error)
    }

    private static func lost(_ error: any Error, _ target: OutgoingTarget) -> OutgoingError {
        OutgoingError(
            .connectionLost,
            "\(target.place) ended the connection in the midst of the exchange. Try again.",
            underlying: error
        )
    }

    private static func notHTTP(_ error: any Error, _ target: OutgoingTarget) -> OutgoingError {
        let advice = target.isSecure ? "" : " If it speaks TLS, say https://."
        return OutgoingError(
            .protocolViolation,
            "What \(target.place) answers is not HTTP.\(advice)",
            underlying: error
        )
    }

    private static func other(_ error: any Error, _ target: OutgoingTarget) -> OutgoingError {
        OutgoingError(.other, "The request to \(target.place) failed: \(error).", underlying: error)
    }
}

/// What becomes of a request that is answered with a redirect (RFC 9110 section 15.4).
///
/// Never from TLS into the clear, never to a socket of this machine, and not more often than the limit says. What
/// lets the bearer in is left behind where scheme, host or port change.
struct RedirectRules {
    enum Action {
        case deliver
        case follow(OutgoingRequest)
    }

    private var followed = 0

    /// What to do with an answer to a request.
    ///
    /// Exits: `deliver` ends the exchange, `follow` counts one step, and an error ends it.
    mutating func next(
        after request: OutgoingRequest,
        status: Int,
        location: String?
    ) throws(OutgoingError) -> Action {
        guard request.redirects == .followed, [301, 302, 303, 307, 308].contains(status), let location else {
            return .deliver
        }
        let place = request.url.target.place
        guard followed < OutgoingLimits.redirectsMax else {
            throw OutgoingError(
                .redirectForbidden,
                "\(place) redirects once more after \(followed) redirects. Ask its operator: it may be a circle."
            )
        }
        let url: OutgoingURL
        do {
            url = try request.url.resolving(location)
        } catch {
            throw OutgoingError(
                .redirectForbidden,
                "\(place) redirects to what cannot be followed: \(error). Ask its operator.",
                underlying: error
            )
        }
        try check(from: request.url.target, to: url.target)
        var next = request
        next.url = url
        if url.target != request.url.target { next.headers = next.headers.withoutSecrets }
        // 301 and 302 turn a POST into a GET, because everybody has always done so; 303 means a GET.
        let becomesGet = status == 303 ? request.method != .head : status < 303 && request.method == .post
        if becomesGet {
            next.method = .get
            next.body = .none
            for name in ["Content-Type", "Content-Length", "Content-Encoding", "Content-Range", "Digest"] {
                next.headers[name] = nil
            }
        }
        guard next.body.isRepeatable else {
            throw OutgoingError(
                .redirectForbidden,
                "\(place) redirects to \(url.target.place), but the body was a stream and is gone. "
                    + "Send it there again."
            )
        }
        followed += 1
        return .follow(next)
    }

    private func check(from: OutgoingTarget, to: OutgoingTarget) throws(OutgoingError) {
        if case .unixSocket = from, to != from {
            throw OutgoingError(.redirectForbidden, "\(from.place) redirects away from this machine, to \(to.place).")
        }
        if from.isSecure && !to.isSecure {
            throw OutgoingError(
                .redirectForbidden,
                "\(from.place) redirects from https to http at \(to.place), where anybody can read along. "
                    + "Its operator should redirect to https."
            )
        }
    }
}

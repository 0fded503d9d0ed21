import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NetworkAddress

extension OutgoingClient {
    /// One request and its answer, by the first of its routes that leads anywhere.
    func exchange(_ request: OutgoingRequest) async throws -> OutgoingResponse {
        let target = request.url.target
        let candidates = try await routes(to: target)
        for (index, route) in candidates.enumerated() {
            do {
                return try await send(request, by: route)
            } catch let error as OutgoingError where error.isBeforeSending && index < candidates.count - 1 {
                configuration.log.debug("Another address is tried.", metadata: ["failure": "\(error)"])
            }
        }
        throw OutgoingError(.nameNotFound, "The name of \(target.place) has no address.")
    }

    /// The routes to try, in their order, all of which the guard allows; at least one.
    private func routes(to target: OutgoingTarget) async throws -> [OutgoingRoute] {
        let guardian = configuration.guardian
        guard let host = target.host else {
            guard !guardian.isPublicOnly else {
                throw OutgoingError(.addressForbidden, "\(target.place) is a socket of this machine.")
            }
            return [OutgoingRoute(target: target, way: .straight, pin: nil)]
        }
        let proxy = configuration.proxies.proxy(for: target)
        guard guardian.isPublicOnly else {
            return [OutgoingRoute(target: target, way: way(proxy, to: target), pin: nil)]
        }
        let way = proxy.map { OutgoingRoute.Way.tunnel($0) } ?? .straight
        if let address = IPAddress(host) {
            if let refusal = guardian.refusal(of: address) { throw OutgoingError.forbidden(refusal, target) }
            return [OutgoingRoute(target: target, way: way, pin: nil)]
        }
        let addresses = try await addresses(of: host, target: target)
        let refusals = addresses.compactMap { guardian.refusal(of: $0) }
        let allowed = addresses.filter { guardian.refusal(of: $0) == nil }.prefix(OutgoingLimits.candidatesMax)
        if allowed.isEmpty, let refusal = refusals.first { throw OutgoingError.forbidden(refusal, target) }
        return allowed.map { OutgoingRoute(target: target, way: way, pin: $0) }
    }

    private func way(_ proxy: OutgoingProxy?, to target: OutgoingTarget) -> OutgoingRoute.Way {
        guard let proxy else { return .straight }
        return target.isSecure ? .tunnel(proxy) : .forwarded(proxy)
    }

    private func addresses(of host: String, target: OutgoingTarget) async throws -> [IPAddress] {
        let found: [IPAddress]
        do {
            found = try await configuration.resolver.addresses(host, configuration.limits.connectTimeout)
        } catch {
            throw OutgoingError.transport(error, target: target, proxy: nil)
        }
        guard !found.isEmpty else { throw OutgoingError.noSuchName(target) }
        return found
    }

    private func send(_ request: OutgoingRequest, by route: OutgoingRoute) async throws -> OutgoingResponse {
        if let name = request.headers.firstUnsendable {
            throw OutgoingError(
                .requestInvalid,
                "The field \(name) for \(route.target.place) has a character that no header field may have."
            )
        }
        guard let lease = await routes.lease(route) else {
            throw OutgoingError(.clientClosed, "The client for \(route.target.place) has been shut down.")
        }
        var message = HTTPClientRequest(url: route.transportURL(of: request.url))
        message.method = HTTPMethod(rawValue: request.method.description)
        for field in request.headers.fields { message.headers.add(name: field.name, value: field.value) }
        if request.headers["Host"] == nil { message.headers.add(name: "Host", value: route.target.authority) }
        message.body = request.body.transported
        do {
            // The transport's own deadline also covers the time in which a body is sent, of which nobody knows how long
            // it takes: the limits are kept by the watch.
            let answer = try await lease.transport.execute(message, deadline: .distantFuture)
            if answer.status == .proxyAuthenticationRequired, let proxy = route.proxy {
                throw OutgoingError.proxyAsksWhoComes(proxy, route.target)
            }
            var headers = HeaderFields()
            for (name, value) in answer.headers { headers.add(name, value) }
            let body = OutgoingResponseBody(
                base: answer.body,
                lease: lease,
                target: route.target,
                byteCount: headers["Content-Length"].flatMap { Int64($0) }
            )
            return OutgoingResponse(
                status: Int(answer.status.code),
                headers: headers,
                url: request.url,
                body: body
            )
        } catch {
            throw OutgoingError.transport(error, target: route.target, proxy: route.proxy)
        }
    }
}

extension OutgoingRoute {
    var proxy: OutgoingProxy? {
        switch way {
        case .straight: nil
        case .tunnel(let proxy), .forwarded(let proxy): proxy
        }
    }
}

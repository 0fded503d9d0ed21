import Logging
import OCI
import Outgoing
import RegistryContract

/// One request and its answer: who calls, when it is repeated, what is told.
extension RegistryClient {
    /// How much of an answer that nobody wants is read, so that its connection can be used again.
    private static let drainedByteCountMax = 64 << 10
    /// How long it is waited for.
    private static let drainTimeMax = Duration.seconds(5)

    /// The answer to a call, which has one of the statuses.
    ///
    /// - Throws: ``RegistryError`` for any other, and where there was none.
    func answer(_ call: Call, _ statuses: Set<Int>) async throws -> OutgoingResponse {
        let response = try await exchange(call)
        guard statuses.contains(response.status) else { throw await refusal(response, to: call) }
        return response
    }

    /// The answer to a call, whatever its status.
    func exchange(_ call: Call) async throws -> OutgoingResponse {
        var mayBeDone = false
        return try await exchange(call, mayBeDone: &mayBeDone)
    }

    /// The same, and whether an attempt before the one that is answered may have done what was asked.
    func exchange(_ call: Call, mayBeDone: inout Bool) async throws -> OutgoingResponse {
        var attempts = Attempts(configuration.retries)
        while true {
            let wait: Duration
            switch try await outcome({ try await self.authorized(call) }) {
            case .success(let response):
                let retryAfter = RetryAfter.duration(response.headers["Retry-After"])
                let random = configuration.time.random()
                guard call.isRepeatable,
                    let due = attempts.wait(afterStatus: response.status, retryAfter: retryAfter, random: random)
                else { return response }
                await drain(response)
                // Who says these two has not begun.
                if ![429, 503].contains(response.status) { mayBeDone = true }
                wait = due
            case .failure(let error):
                guard call.isRepeatable, error.code == .connectionLost,
                    let due = attempts.waitAfterLoss(random: configuration.time.random())
                else { throw failure(error, of: call) }
                (mayBeDone, wait) = (true, due)
            }
            configuration.log.debug("a request is repeated", metadata: ["for": "\(call.purpose)", "after": "\(wait)"])
            try await configuration.time.sleep(wait)
        }
    }

    /// What lay below as an error that a caller knows.
    func failure(_ error: OutgoingError, of call: Call) -> any Error {
        switch error.code {
        case .cancelled: return CancellationError()
        case .requestBodyFailed:
            if case .stream(let body) = call.body, let failure = body.failure { return failure }
            return RegistryError(.sizeInvalid, "It was not possible to \(call.purpose). \(error.message)")
        default: break
        }
        return RegistryError(
            .unavailable,
            "It was not possible to \(call.purpose). \(error.message)",
            underlying: error
        )
    }

    /// Reads what little may be left of an answer.
    func drain(_ response: OutgoingResponse) async {
        guard response.body.byteCount.map({ $0 <= Self.drainedByteCountMax }) ?? true else { return }
        _ = try? await response.body.collect(upTo: Self.drainedByteCountMax, within: Self.drainTimeMax)
    }

    // MARK: With credentials

    private func authorized(_ call: Call) async throws -> OutgoingResponse {
        let target = try await target()
        let url = try Self.url(call.place, at: target)
        // What the registry names elsewhere is nobody whom a credential is for.
        guard url.target == target else { return try await send(call, to: url, nil) }
        let sent = try await authorization(for: call)
        let response = try await send(call, to: url, sent)
        guard response.status == 401, response.url.target == target else { return response }
        let fields = response.headers.values("WWW-Authenticate")
        let challenges = AuthenticationChallenge.parse(fields)
        guard let renewed = try await authorization(for: call, answering: challenges, from: target, refused: sent)
        else {
            return response
        }
        if case .stream(let body) = call.body, body.isBegun {
            throw RegistryError(
                .unavailable,
                "\(host) did not take the token any more when bytes were under way, to \(call.purpose). Go on from "
                    + "where the upload stands."
            )
        }
        await drain(response)
        return try await send(call, to: url, renewed)
    }

    /// Where the registry's API is.
    func target() async throws -> OutgoingTarget {
        try await endpoint.target { target in
            let call = Call(.get, .path("/v2/"), scopes: [], "look whether TLS is spoken at", "\(self.host)")
            let response = try await self.send(call, to: Self.url(call.place, at: target), nil)
            await self.drain(response)
            return response.status
        }
    }

    private static func url(_ place: Call.Place, at target: OutgoingTarget) throws -> OutgoingURL {
        switch place {
        case .url(let url): return url
        case .path(let path):
            do {
                return try OutgoingURL(target, path: path)
            } catch {
                throw RegistryError(.unsupported, "A request cannot be written: \(error).", underlying: error)
            }
        }
    }

    // MARK: Sending

    func send(_ call: Call, to url: OutgoingURL, _ authorization: Authorization?) async throws -> OutgoingResponse {
        var request = OutgoingRequest(call.method, url, headers: call.headers, redirects: call.redirects)
        request.headers["User-Agent"] = configuration.userAgent
        if let authorization { request.headers["Authorization"] = authorization.field }
        switch call.body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(bytes)
        case .stream(let body): request.body = body.outgoing
        }
        return try await observed(request)
    }

    /// Sends a request, and tells the observer.
    func observed(_ request: OutgoingRequest) async throws -> OutgoingResponse {
        guard let observer = configuration.observer else { return try await transport.send(request) }
        let start = configuration.time.now()
        var record = RequestRecord(
            method: request.method,
            url: "\(request.url)",
            duration: .zero,
            isAuthorized: request.headers["Authorization"] != nil
        )
        do {
            let response = try await transport.send(request)
            record.duration = start.duration(to: configuration.time.now())
            record.status = response.status
            observer.note(record)
            return response
        } catch {
            record.duration = start.duration(to: configuration.time.now())
            record.failure = "\(error)"
            observer.note(record)
            throw error
        }
    }

    /// Parts the failures of the transport from all others, which are thrown.
    private func outcome(
        _ body: () async throws -> OutgoingResponse
    ) async throws -> Result<OutgoingResponse, OutgoingError> {
        do {
            return .success(try await body())
        } catch let error as OutgoingError {
            return .failure(error)
        }
    }
}

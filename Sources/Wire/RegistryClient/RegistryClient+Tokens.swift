import DistributionGrammar
import OCI
import Outgoing
import RegistryContract
import Synchronization

/// Getting in: what goes along with a request, and the questions to token services.
///
/// Sources: the token specification of CNCF distribution (docs/content/spec/auth/token.md and oauth.md).
extension RegistryClient {
    /// The longest answer of a token service, in bytes.
    private static let answerByteCountMax = 1 << 20
    /// How long before its end a token is asked for anew, at most.
    private static let leewayMax = Duration.seconds(10)

    /// What goes along with a call; nothing while nobody has asked.
    func authorization(for call: Call) async throws -> Authorization? {
        let (scopes, now) = (AccessScopes(call.scopes), configuration.time.now())
        switch authority.table.withLock({ $0.step(for: scopes, at: now) }) {
        case .nothing: return nil
        case .basic:
            switch try await authority.credential(for: call.repository) {
            case .password(let credentials): return Authorization(field: credentials.basic)
            case .registryToken(let token): return Authorization(field: "Bearer \(token)", token: token)
            case .identityToken, nil: return nil
            }
        case .token(let token): return Authorization(field: "Bearer \(token)", token: token)
        case .fetch(let realm, let scopes):
            let token = try await token(from: realm, for: scopes, call)
            return Authorization(field: "Bearer \(token)", token: token)
        }
    }

    /// What goes along the second time; nil when the refusal stands.
    func authorization(
        for call: Call,
        answering challenges: [AuthenticationChallenge],
        from target: OutgoingTarget,
        refused: Authorization?
    ) async throws -> Authorization? {
        if let challenge = challenges.first(where: { $0.scheme == "bearer" }) {
            let realm: TokenRealm
            do throws(TokenRealm.Refusal) {
                realm = try TokenRealm(challenge, from: target)
            } catch {
                throw RegistryError(.unauthorized, "\(host) \(error.reason).")
            }
            if case .registryToken(let token) = try await authority.credential(for: call.repository) {
                authority.table.withLock { $0.challengeBasic() }
                return refused?.token == token ? nil : Authorization(field: "Bearer \(token)", token: token)
            }
            let asked = AccessScopes(challenge: challenge.parameters["scope"])
            authority.table.withLock {
                $0.challenge(realm, asking: asked, for: AccessScopes(call.scopes), refused: refused?.token)
            }
            return try await authorization(for: call)
        }
        guard challenges.contains(where: { $0.scheme == "basic" }) else { return nil }
        if refused != nil, refused?.token == nil { authority.forgetCredentials() }
        authority.table.withLock { $0.challengeBasic() }
        let renewed = try await authorization(for: call)
        return renewed?.field == refused?.field ? nil : renewed
    }

    /// A token, asked for once by all who want it at the same time.
    private func token(from realm: TokenRealm, for scopes: AccessScopes, _ call: Call) async throws -> String {
        let errand = TokenAuthority.Errand(realm: realm, scopes: scopes)
        let token = try await authority.errands.value(for: errand) {
            // Somebody may have got it since.
            let step = authority.table.withLock { $0.step(for: scopes, at: configuration.time.now()) }
            if case .token(let text) = step { return Token(text: text, scopes: scopes, renewal: .now) }
            let token = try await self.fetch(errand, call)
            authority.table.withLock { $0.insert(token, from: realm) }
            return token
        }
        return token.text
    }

    // MARK: Asking a token service

    private func fetch(_ errand: TokenAuthority.Errand, _ call: Call) async throws -> Token {
        let credential = try await authority.credential(for: call.repository)
        switch credential {
        case .identityToken(let text):
            let refreshToken = authority.refreshToken(at: errand.realm) ?? text
            let start = configuration.time.now()
            let response = try await ask(oauthRequest(errand, refreshToken), call)
            guard response.status == 404 || response.status == 405 else {
                return try await token(response, errand, call, since: start)
            }
            // A token service of before OAuth: it takes the token in the place of a password, as containerd sends it.
            await drain(response)
            return try await byGet(errand, OutgoingCredentials(user: "", password: refreshToken), call)
        case .password(let credentials): return try await byGet(errand, credentials, call)
        case .registryToken, nil: return try await byGet(errand, nil, call)
        }
    }

    private func byGet(
        _ errand: TokenAuthority.Errand,
        _ credentials: OutgoingCredentials?,
        _ call: Call
    ) async throws -> Token {
        var query: [(String, String)] = []
        if let service = errand.realm.service { query.append(("service", service)) }
        for scope in errand.scopes.scopes { query.append(("scope", scope.description)) }
        query.append(("client_id", configuration.clientID))
        if let user = credentials?.user, !user.isEmpty { query.append(("account", user)) }
        let url = errand.realm.url
        let separator = url.pathAndQuery.contains("?") ? "&" : "?"
        let target: OutgoingURL
        do {
            target = try OutgoingURL(url.target, path: url.pathAndQuery + separator + Self.form(query))
        } catch {
            throw RegistryError(
                .unavailable,
                "The token service of \(host) cannot be asked: \(error).",
                underlying: error
            )
        }
        // A redirect is followed without the password, where it leads to another server.
        var request = OutgoingRequest(.get, target, headers: ["Accept": "application/json"], redirects: .followed)
        if let credentials { request.headers["Authorization"] = credentials.basic }
        let start = configuration.time.now()
        return try await token(try await ask(request, call), errand, call, since: start)
    }

    /// The form of OAuth 2.0; no redirect is followed, since the secret is in the body.
    private func oauthRequest(_ errand: TokenAuthority.Errand, _ refreshToken: String) -> OutgoingRequest {
        var form = [("grant_type", "refresh_token"), ("client_id", configuration.clientID)]
        if let service = errand.realm.service { form.append(("service", service)) }
        form.append(("scope", errand.scopes.scopes.map(\.description).joined(separator: " ")))
        form.append(("refresh_token", refreshToken))
        let headers: HeaderFields = [
            "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded",
        ]
        return OutgoingRequest(.post, errand.realm.url, headers: headers, body: .bytes(Array(Self.form(form).utf8)))
    }

    private static func form(_ pairs: [(String, String)]) -> String {
        pairs.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    }

    /// Sends a request for a token, and again when the service is not well.
    private func ask(_ request: OutgoingRequest, _ call: Call) async throws -> OutgoingResponse {
        var request = request
        request.headers["User-Agent"] = configuration.userAgent
        var attempts = Attempts(configuration.retries)
        while true {
            let wait: Duration
            do {
                let response = try await observed(request)
                let retryAfter = RetryAfter.duration(response.headers["Retry-After"])
                let random = configuration.time.random()
                guard let due = attempts.wait(afterStatus: response.status, retryAfter: retryAfter, random: random)
                else { return response }
                await drain(response)
                wait = due
            } catch let error as OutgoingError {
                guard error.code == .connectionLost,
                    let due = attempts.waitAfterLoss(random: configuration.time.random())
                else { throw failure(error, of: call) }
                wait = due
            }
            try await configuration.time.sleep(wait)
        }
    }

    // MARK: What a token service answers

    private func token(
        _ response: OutgoingResponse,
        _ errand: TokenAuthority.Errand,
        _ call: Call,
        since start: ContinuousClock.Instant
    ) async throws -> Token {
        guard response.status == 200 else { throw await tokenRefusal(response, errand, call) }
        let bytes: [UInt8]
        do {
            let time = OutgoingResponseBody.wholeTimeMax
            bytes = try await response.body.collect(upTo: Self.answerByteCountMax, within: time)
        } catch let error as OutgoingError {
            throw failure(error, of: call)
        }
        guard let answer = TokenAnswer(bytes, date: response.headers["Date"]) else {
            throw RegistryError(
                .unavailable,
                "The token service of \(host) at \(errand.realm.url) gives no token that can be used. Ask its operator."
            )
        }
        if let refreshToken = answer.refreshToken { authority.keep(refreshToken: refreshToken, from: errand.realm) }
        let lifetime = answer.lifetime
        let leeway = min(Self.leewayMax, lifetime / 4)
        return Token(text: answer.token, scopes: errand.scopes, renewal: start + lifetime - leeway)
    }

    private func tokenRefusal(
        _ response: OutgoingResponse,
        _ errand: TokenAuthority.Errand,
        _ call: Call
    ) async -> any Error {
        let hasCredential = (try? await authority.credential(for: call.repository)) != nil
        let problem = await RemoteProblem.read(response)
        let said = problem.saying
        switch response.status {
        case 401, 403:
            return badCredentials(hasCredential, said, call)
        case 400 where hasCredential:
            return badCredentials(hasCredential, said, call)
        case 429: return tooManyRequests(response, said, call)
        default:
            return RegistryError(
                .unavailable,
                "The token service of \(host) at \(errand.realm.url) answers \(response.status)\(said). Try again "
                    + "later, or ask its operator."
            )
        }
    }

    private func badCredentials(_ hasCredential: Bool, _ said: String, _ call: Call) -> RegistryError {
        authority.forgetCredentials()
        let sentence =
            hasCredential
            ? "The token service of \(host) does not accept the credentials that are kept for it\(said): log in again "
                + "with `wharf login \(host)`."
            : "\(host) wants to know who you are before it lets you \(call.purpose)\(said): log in with "
                + "`wharf login \(host)`."
        return RegistryError(.unauthorized, sentence)
    }
}

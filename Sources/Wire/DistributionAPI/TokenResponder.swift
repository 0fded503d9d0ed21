import DistributionGrammar
import Foundation
import HTTPServing
import Identity
import Limits
import Logging
import NIOCore
import NIOHTTP1

/// `/token`: hands out tokens, as Docker's token specification has it by GET and its OAuth 2.0 form by POST, and shows
/// the keys that verify them at `/.well-known/jwks.json`.
///
/// Everything else goes on to the next responder.
public struct TokenResponder: HTTPResponder {
    private let next: any HTTPResponder
    private let access: AccessControl
    private let options: DistributionResponder.Options
    private let log: Logger

    /// The longest form that is read, in bytes.
    private static let formByteCountMax = 64 << 10

    /// Stands before `next`.
    public init(
        before next: any HTTPResponder,
        access: AccessControl,
        options: DistributionResponder.Options = .init(),
        log: Logger
    ) {
        self.next = next
        self.access = access
        self.options = options
        self.log = log
    }

    /// The answer to a request.
    public func respond(to request: ServerRequest) async -> ServerResponse {
        let target = options.prefix.strip(request.target)
        // Nearly all requests are for images: these are told at their first bytes.
        guard !target.utf8.starts(with: "/v2/".utf8) else { return await next.respond(to: request) }
        let parts = target.split(
            separator: "?",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        switch parts.first {
        case "/token":
            var visit = Visit(options.limits, from: request.clientAddress)
            var answer = await token(request, query: parts.count == 2 ? parts[1] : "", &visit)
            answer = visit.end(with: answer, to: request)
            if answer.status != .ok { answer.headers.replaceOrAdd(name: "X-Request-Id", value: request.id.description) }
            return answer
        case "/.well-known/jwks.json" where request.method == .GET || request.method == .HEAD:
            return Self.json(.ok, access.tokens.publicKeySet)
        default:
            return await next.respond(to: request)
        }
    }

    private func token(_ request: ServerRequest, query: Substring, _ visit: inout Visit) async -> ServerResponse {
        var claimedName = AccessControl.claimedName(request)
        do {
            try visit.arrive(request)
            switch request.method {
            case .GET: return try await byGet(request, query, &visit)
            case .POST: return try await byPost(request, &visit, &claimedName)
            default:
                var answer = Self.problem(.methodNotAllowed, "UNSUPPORTED", "this path takes GET and POST")
                answer.headers.add(name: "Allow", value: "GET, POST")
                return answer
            }
        } catch let error as LimitRefusal {
            access.noteFailedLogin(error, as: claimedName, request)
            return ErrorAnswer(request: request, options: options, log: log).answer(to: error)
        } catch let error as NotAuthenticated {
            note(error.reason, request)
            access.noteFailedLogin(error, as: claimedName, request)
            if let refusal = visit.refusal(insteadOf: error) as? LimitRefusal {
                return ErrorAnswer(request: request, options: options, log: log).answer(to: refusal)
            }
            var answer = Self.problem(
                .unauthorized,
                "UNAUTHORIZED",
                "the credentials are wrong",
                oauth: "invalid_grant"
            )
            answer.headers.add(name: "WWW-Authenticate", value: "Basic realm=\"wharf\", charset=\"UTF-8\"")
            return answer
        } catch let error as BadTokenRequest {
            return Self.problem(.badRequest, "UNSUPPORTED", error.message, oauth: "invalid_request")
        } catch is TooManyLogins {
            var answer = Self.problem(.tooManyRequests, "TOOMANYREQUESTS", "too many logins at once: try again")
            answer.headers.add(name: "Retry-After", value: "1")
            return answer
        } catch is RequestBody.Failure {
            return Self.problem(.badRequest, "UNSUPPORTED", "the form did not come whole", oauth: "invalid_request")
        } catch {
            log.error("no token could be given", metadata: ["error": .string("\(error)")])
            return Self.problem(.internalServerError, "UNKNOWN", "something went wrong in the registry")
        }
    }

    private func note(_ reason: String, _ request: ServerRequest) {
        log.info(
            "a login failed",
            metadata: [
                "request": .stringConvertible(request.id), "reason": .string(reason),
                "address": .string(request.clientAddress),
            ]
        )
    }

    // MARK: The two forms

    private func byGet(
        _ request: ServerRequest,
        _ query: Substring,
        _ visit: inout Visit
    ) async throws -> ServerResponse {
        guard let parameters = FormParameters(query) else { throw BadTokenRequest("the query cannot be read") }
        let scopes = try Self.scopes(parameters.all("scope"))
        try checkService(parameters["service"])
        var login = Login.anonymous
        if let credentials = try AuthorizationHeader.credentials(in: request.headers) {
            login = try await options.limits.login(credentials, from: request.clientAddress) {
                try await access.authenticator.login(credentials, from: request.origin)
            }
            access.note(login, request)
        }
        try visit.admit(login.principal.limitedName, repository: nil)
        let isOffline = parameters["offline_token"] == "true"
        return try await grant(scopes, to: login, withRefreshToken: isOffline, request)
    }

    private func byPost(
        _ request: ServerRequest,
        _ visit: inout Visit,
        _ claimedName: inout String?
    ) async throws -> ServerResponse {
        guard let form = FormParameters(try await Self.body(of: request)[...]) else {
            throw BadTokenRequest("the form cannot be read")
        }
        let scopes = try Self.scopes(form.all("scope"))
        try checkService(form["service"])
        let login: Login
        switch form["grant_type"] {
        case "password":
            guard let name = form["username"], let password = form["password"] else {
                throw BadTokenRequest("the parameters username and password are needed")
            }
            claimedName = name
            let credentials = try AuthorizationHeader.credentials(name, Secret(password))
            login = try await options.limits.login(credentials, from: request.clientAddress) {
                try await access.authenticator.login(credentials, from: request.origin)
            }
        case "refresh_token":
            guard let token = form["refresh_token"] else {
                throw BadTokenRequest("the parameter refresh_token is needed")
            }
            let secret = Secret(token)
            login = try await options.limits.login(refreshToken: secret, from: request.clientAddress) {
                try await access.tokens.login(refreshToken: secret, from: request.origin)
            }
        default:
            throw BadTokenRequest("grant_type is password or refresh_token")
        }
        access.note(login, request)
        try visit.admit(login.principal.limitedName, repository: nil)
        let isOffline = form["access_type"] == "offline" && form["grant_type"] == "password"
        return try await grant(scopes, to: login, withRefreshToken: isOffline, request)
    }

    private func grant(
        _ scopes: [TokenScope],
        to login: Login,
        withRefreshToken isOffline: Bool,
        _ request: ServerRequest
    ) async throws -> ServerResponse {
        var answer = Self.answer(
            try await access.tokens.grant(scopes, to: login, withRefreshToken: isOffline, from: request.origin)
        )
        if let warning = access.warning(to: login) { answer.headers.add(name: "Warning", value: warning) }
        return answer
    }

    private func checkService(_ service: String?) throws {
        // Some clients name none.
        guard let service, !service.isEmpty, service != access.tokens.service else { return }
        throw BadTokenRequest("tokens are given here for \(access.tokens.service) alone")
    }

    private static func scopes(_ texts: [String]) throws -> [TokenScope] {
        let words = texts.flatMap { $0.split(separator: " ") }
        guard words.count <= TokenService.scopeCountMax else {
            throw BadTokenRequest("at most \(TokenService.scopeCountMax) scopes may be asked for")
        }
        return try words.map { word in
            do {
                return try TokenScope(word)
            } catch {
                throw BadTokenRequest("a scope is TYPE:NAME:ACTIONS, such as repository:team/app:pull,push")
            }
        }
    }

    private static func body(of request: ServerRequest) async throws -> String {
        var bytes: [UInt8] = []
        while let batch = try await request.body.next(upTo: formByteCountMax) {
            for buffer in batch { bytes.append(contentsOf: buffer.readableBytesView) }
            guard bytes.count <= formByteCountMax else { throw BadTokenRequest("the form is too long") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BadTokenRequest("the form is not UTF-8")
        }
        return text
    }
}

/// What is wrong with a request for a token, as a sentence.
private struct BadTokenRequest: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

// MARK: - Answers

extension TokenResponder {
    private static func answer(_ grant: TokenService.Grant) -> ServerResponse {
        var json = JSONText()
        json.object { json in
            let token = String(decoding: grant.token.bytes, as: UTF8.self)
            // The name of Docker's specification, and that of OAuth.
            json.key("token")
            json.string(token)
            json.key("access_token")
            json.string(token)
            json.key("token_type")
            json.string("Bearer")
            json.key("expires_in")
            json.number(grant.lifetime)
            json.key("issued_at")
            json.string(Date(timeIntervalSince1970: Double(grant.issuedAt)).ISO8601Format())
            json.key("scope")
            json.string(grant.access.map(\.description).joined(separator: " "))
            if let refreshToken = grant.refreshToken {
                json.key("refresh_token")
                json.string(String(decoding: refreshToken.bytes, as: UTF8.self))
            }
        }
        return Self.json(.ok, String(decoding: json.bytes, as: UTF8.self))
    }

    /// In the form of the distribution specification, and in that of OAuth 2.0 (RFC 6749 section 5.2): clients read
    /// one or the other.
    private static func problem(
        _ status: HTTPResponseStatus,
        _ code: String,
        _ message: String,
        oauth: String? = nil
    ) -> ServerResponse {
        var json = JSONText()
        json.object { json in
            json.key("errors")
            json.array([message]) { json, message in
                json.object { json in
                    json.key("code")
                    json.string(code)
                    json.key("message")
                    json.string(message)
                }
            }
            if let oauth {
                json.key("error")
                json.string(oauth)
                json.key("error_description")
                json.string(message)
            }
        }
        return Self.json(status, String(decoding: json.bytes, as: UTF8.self))
    }

    private static func json(_ status: HTTPResponseStatus, _ text: String) -> ServerResponse {
        ServerResponse(
            status,
            headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: .bytes(ByteBuffer(string: text))
        )
    }
}

import ContainerTools
import Documents
import Foundation
import OCI
import Outgoing
import RegistryClient

extension Examination {
    /// What lets one in: the token that the token service gives, or the password itself.
    mutating func lookAtToken() async -> Finding {
        guard let challenge, let endpoint, let target, let image else {
            return Finding(.token, .good, "None is needed so far.")
        }
        let who = loginPlace.map { "with the login in \($0)" } ?? "without a login"
        if case .registryToken(let token)? = login {
            authorization = "Bearer \(token)"
            return Finding(
                .token,
                .good,
                "The registry token in \(loginPlace.map { "\($0)" } ?? "a file") is sent as it is."
            )
        }
        guard challenge.scheme == "bearer" else { return await lookAtPassword(endpoint, who) }
        guard let realm = try? TokenRealm(challenge, from: target) else {
            return failure(.token, "bad-challenge", "\(endpoint) names no token service that can be asked.")
        }
        let scope = "repository:\(image.repository):pull"
        let answer: Answer
        do {
            answer = try await askForToken(realm, scope, as: login)
        } catch {
            let seen = "The token service of \(endpoint) cannot be asked: \(error)"
            return failure(.token, "token-service-unreachable", seen)
        }
        let said = "\(realm.url) answers \(answer.status) \(who)"
        if let finding = lookAtRefusal(answer, .token, said) { return finding }
        switch answer.status {
        case 200:
            guard let token = Self.token(in: answer) else {
                let seen = "\(said), and there is no token in the answer."
                return failure(.token, "token-service-unreachable", seen)
            }
            authorization = "Bearer \(token)"
            return Finding(.token, .good, "The token service gives a token \(who).")
        case 401, 403: return await lookAtRefusedLogin(answer, realm, scope, said)
        default:
            return failure(.token, "token-service-unreachable", "\(said): that is no token service, or it is broken.")
        }
    }

    /// The first token of an answer, by either of its names.
    private static func token(in answer: Answer) -> String? {
        guard let value = try? JSONValue(json: answer.bytes) else { return nil }
        for name in ["token", "access_token"] {
            if case .string(let token)? = value[name], !token.isEmpty { return token }
        }
        return nil
    }

    private func askForToken(_ realm: TokenRealm, _ scope: String, as login: StoredLogin?) async throws -> Answer {
        var fields = [("scope", scope)]
        if let service = realm.service { fields.insert(("service", service), at: 0) }
        var headers: HeaderFields = [:]
        if case .identityToken(_, let token)? = login {
            fields += [("grant_type", "refresh_token"), ("client_id", "wharf"), ("refresh_token", token)]
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            let body = Array(Self.form(fields).utf8)
            return try await ask(realm.url, headers, method: .post, body: .bytes(body), isAuthorized: false)
        }
        if case .password(let user, let password)? = login {
            headers["Authorization"] = OutgoingCredentials(user: user, password: password).basic
            fields.append(("account", user))
        }
        let mark = realm.url.pathAndQuery.contains("?") ? "&" : "?"
        let url = try OutgoingURL(realm.url.target, path: realm.url.pathAndQuery + mark + Self.form(fields))
        return try await ask(url, headers, isAuthorized: false)
    }

    private static func form(_ fields: [(String, String)]) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        return fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }.joined(separator: "&")
    }

    /// Finds out what is wrong where the token service says no: the login, the clock, or that there is none.
    private func lookAtRefusedLogin(
        _ answer: Answer,
        _ realm: TokenRealm,
        _ scope: String,
        _ said: String
    ) async -> Finding {
        guard let login else { return failure(.token, "login-missing", "\(said).") }
        let stranger = try? await askForToken(realm, scope, as: nil)
        let open =
            stranger?.status == 200 ? " Without the login it gives one: take the login away for what is public." : ""
        let clock = abs(skew ?? 0) > 300 ? " The clocks differ, which can be the reason." : ""
        if case .identityToken = login {
            return failure(
                .token,
                "login-expired",
                "\(said): what was kept at the last login is no longer good.\(open)\(clock)"
            )
        }
        if answer.status == 403 { return failure(.token, "denied", "\(said): it may not pull.\(open)") }
        return failure(.token, "wrong-password", "\(said): the name or the password is wrong.\(open)\(clock)")
    }

    /// Name and password go with every request: `/v2/` says whether they are good.
    private mutating func lookAtPassword(_ endpoint: RegistryHost, _ who: String) async -> Finding {
        guard case .password(let user, let password)? = login else {
            return failure(
                .token,
                "login-missing",
                "\(endpoint) wants a name and a password, and there is no login for it."
            )
        }
        authorization = OutgoingCredentials(user: user, password: password).basic
        let answer: Answer
        do {
            answer = try await ask(try url("/v2/"))
        } catch {
            return failure(.token, error)
        }
        let said = "\(endpoint) answers \(answer.status) \(who)"
        if let finding = lookAtRefusal(answer, .token, said) { return finding }
        guard answer.status == 401 else { return Finding(.token, .good, "\(said).") }
        return failure(.token, "wrong-password", "\(said): the name or the password is wrong.")
    }
}

import Access
import DistributionAPI
import Foundation
import Hosting
import Logging
import Metadata
import OCI
import Observability
import Synchronization
import Wrapping

@testable import Identity
@testable import RegistryTesting

/// A registry with accounts, asked without a socket, all of whose log is kept.
///
/// `alice` may do everything below `team`; `bob` may do nothing; everybody may read below `open`.
struct GuardedRegistry: Sendable {
    let directory: AccessDirectory
    let authenticator: Authenticator
    let harness: any RegistryHarness
    let log: Lines

    static let password = "pass-word:of those who may"

    /// Runs `body` with a registry of its own.
    static func with(
        prefix: String = "",
        _ body: @escaping @Sendable (GuardedRegistry) async throws -> Void
    ) async throws {
        try await TestRegistry.withInstallation { installation in
            let clock = TestClock()
            let directory = try await AccessDirectory.load(installation.facts, now: { clock.now() })
            let hash = try PasswordHash(of: Secret(password), cost: .least).description
            try await directory.change { (facts) throws in
                for name in ["alice", "bob"] {
                    let account = AccountFact(name: name, kind: .user, password: hash, createdAt: clock.now())
                    _ = try facts.insertAccount(account)
                }
                try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: clock.now()))
                try facts.setProject(ProjectFact(name: "open", isPublic: true, createdAt: clock.now()))
                try facts.insertGrant(GrantFact(subject: "user:alice", role: "administrator", project: "team"))
            }
            let authenticator = Authenticator(
                service: "wharf",
                directory: directory,
                passwords: try PasswordChecker(cost: .least),
                now: { clock.now() }
            )
            let access = AccessControl(authenticator) { principal, caller in
                AccessChecked(installation.host.registry(for: caller), for: principal, under: directory.snapshot.rules)
            }
            let lines = Lines()
            let log = Logger(label: "test") { label in
                LineLogHandler(label: label, level: .trace, form: .json, sink: LogSink { lines.add($0) })
            }
            var options = DistributionResponder.Options()
            options.prefix = DistributionAPI.PathPrefix(prefix) ?? .none
            let distribution = DistributionResponder(access: access, options: options, log: log)
            let responder = TokenResponder(before: distribution, access: access, options: options, log: log)
            try await body(
                GuardedRegistry(
                    directory: directory,
                    authenticator: authenticator,
                    harness: ResponderHarness(responder: responder),
                    log: lines
                )
            )
        }
    }

    /// What was logged.
    final class Lines: Sendable {
        private let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }

        func add(_ line: String) {
            kept.withLock { $0.append(line) }
        }
    }

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> TestResponse {
        try await harness.send(TestRequest("GET", path, headers: headers))
    }

    func post(_ form: String, _ headers: [(String, String)] = []) async throws -> TestResponse {
        try await harness.send(TestRequest("POST", "/token", headers: headers, body: Array(form.utf8)))
    }

    /// The header that says a name and a password.
    static func basic(_ name: String, _ password: String = password) -> (String, String) {
        ("Authorization", "Basic " + Data("\(name):\(password)".utf8).base64EncodedString())
    }

    /// The header that brings a token for scopes, of somebody or of nobody.
    func bearer(_ scopes: String..., of name: String? = "alice") async throws -> (String, String) {
        let query = scopes.map { "scope=\($0)" }.joined(separator: "&")
        let answer = try await get("/token?\(query)", name.map { [Self.basic($0)] } ?? [])
        return ("Authorization", "Bearer \(try answer.grant.token)")
    }

    /// Hands a secret out to `alice`.
    func handOut(policies: String? = nil) async throws -> String {
        let secret = HandedOutSecret.random(.personal)
        let fact = CredentialFact(
            id: secret.sha256,
            secretHash: secret.sha256,
            account: "alice",
            kind: .personal,
            label: "",
            policies: policies,
            createdAt: authenticator.now()
        )
        try await directory.insert(fact)
        return String(decoding: secret.bytes, as: UTF8.self)
    }
}

/// What the token service gives.
struct GrantBody: Decodable {
    var token: String
    var access_token: String
    var token_type: String
    var expires_in: Int
    var issued_at: String
    var scope: String
    var refresh_token: String?
}

/// What an answer tells of a refusal.
struct RefusalBody: Decodable {
    struct Entry: Decodable {
        var code: String
        var message: String
    }
    var errors: [Entry]
    var error: String?
}

extension TestResponse {
    var grant: GrantBody {
        get throws { try JSONDecoder().decode(GrantBody.self, from: Data(body)) }
    }

    var refusal: RefusalBody {
        get throws { try JSONDecoder().decode(RefusalBody.self, from: Data(body)) }
    }

    /// The status and the code, such as `401 UNAUTHORIZED`.
    var summary: String {
        get throws { "\(status) \(try refusal.errors.map(\.code).joined(separator: " "))" }
    }
}

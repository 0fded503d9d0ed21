import Access
import DistributionAPI
import Foundation
import Gates
import Hosting
import Limits
import Logging
import Metadata
import OCI
import Observability
import RegistryContract
import Synchronization
import Testing
import Wrapping

@testable import Identity
@testable import RegistryTesting

/// A registry with accounts, asked without a socket, all of whose log is kept.
///
/// Its accounts are those of ``TestAccounts``.
struct GuardedRegistry: Sendable {
    let directory: AccessDirectory
    let authenticator: Authenticator
    var harness: any RegistryHarness
    let log: Lines
    let told: Told

    static let password = TestAccounts.password

    /// Runs `body` with a registry of its own.
    static func with(
        prefix: String = "",
        limits: TrafficLimits = TrafficLimits(),
        _ body: @escaping @Sendable (GuardedRegistry) async throws -> Void
    ) async throws {
        try await TestRegistry.withInstallation { installation in
            try await body(over(installation.facts, installation.host, prefix: prefix, limits: limits))
        }
    }

    /// Guards a registry.
    static func over(
        _ facts: FactStore,
        _ host: any RegistryProvider,
        prefix: String = "",
        limits: TrafficLimits = TrafficLimits()
    ) async throws -> GuardedRegistry {
        let clock = TestClock()
        let (directory, authenticator) = try await TestAccounts.make(in: facts, clock)
        let told = Told()
        let audited = Audited.Options(pulls: 1, now: { clock.now() }) { told.add($0) }
        let registries = AuditedProvider(host, audited)
        var access = AccessControl(authenticator, witness: { told.add($0) }) { login, caller in
            let rulesNow: @Sendable () -> AccessRules? = { directory.rules(for: login) }
            let standing = TagStanding(of: login.principal, rulesNow: rulesNow)
            let registry = registries.registry(for: caller, standing: standing)
            return AccessChecked(registry, for: login.principal, rulesNow: rulesNow)
        }
        access.warningTime = .seconds(14 * 86_400)
        access.mayRead = { directory.snapshot.rules.decide($0, .pull, on: $1).isAllowed }
        let lines = Lines()
        let log = Logger(label: "test") { label in
            LineLogHandler(label: label, level: .trace, form: .json, sink: LogSink { lines.add($0) })
        }
        var options = DistributionResponder.Options()
        options.prefix = DistributionAPI.PathPrefix(prefix) ?? .none
        options.limits = limits
        let distribution = DistributionResponder(access: access, options: options, log: log)
        let responder = TokenResponder(before: distribution, access: access, options: options, log: log)
        return GuardedRegistry(
            directory: directory,
            authenticator: authenticator,
            harness: ResponderHarness(responder: responder),
            log: lines,
            told: told
        )
    }

    /// What was logged.
    final class Lines: Sendable {
        private let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }

        func add(_ line: String) {
            kept.withLock { $0.append(line) }
        }
    }

    /// What was told for the audit: a line each, with who, what, on what, how and why.
    final class Told: Sendable {
        private let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }

        /// What was told since it was asked for last.
        func next() -> [String] {
            kept.withLock { kept in
                defer { kept = [] }
                return kept
            }
        }

        func add(_ event: AccessEvent) {
            let outcome = event.isAllowed ? "allowed" : "denied"
            let parts = [event.principal, event.address, event.action, event.target, outcome, event.reason]
            let more = [event.claimedName.map { "as \($0)" }, event.credential.map { "by \($0.prefix(6))" }]
            let line = (parts + more.compactMap { $0 }).filter { !$0.isEmpty }.joined(separator: " ")
            kept.withLock { $0.append(event.requestID.isEmpty ? "" : line) }
        }

        func add(_ entry: AuditFact) {
            let parts = [entry.principal, entry.address, entry.action, entry.target, entry.outcome.rawValue]
            kept.withLock { $0.append(entry.requestID.isEmpty ? "" : parts.joined(separator: " ")) }
        }
    }

    /// The same registry, asked from another address.
    func from(_ address: String) throws -> GuardedRegistry {
        var (other, harness) = (self, try #require(harness as? ResponderHarness))
        harness.clientAddress = address
        other.harness = harness
        return other
    }

    /// Pushes an image as `alice`, who from then on may.
    func push(_ image: SampleImage, to name: String, _ tag: String) async throws {
        let project = String(name.prefix { $0 != "/" })
        try await directory.change { facts in
            try facts.insertGrant(GrantFact(subject: "user:alice", role: "administrator", project: project))
        }
        let alice = Self.basic("alice")
        for blob in image.blobs {
            let path = "/v2/\(name)/blobs/uploads/?digest=\(blob.digest)"
            let request = TestRequest("POST", path, headers: [alice], body: blob.bytes)
            try #require(try await harness.send(request).status == 201)
        }
        let headers = [alice, ("Content-Type", image.manifest.mediaType)]
        let path = "/v2/\(name)/manifests/\(tag)"
        let request = TestRequest("PUT", path, headers: headers, body: image.manifest.bytes)
        try #require(try await harness.send(request).status == 201)
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
    func handOut(policies: String? = nil, for lifetime: Duration? = nil) async throws -> String {
        let secret = HandedOutSecret.random(.personal)
        let fact = CredentialFact(
            id: secret.sha256,
            secretHash: secret.sha256,
            account: "alice",
            kind: .personal,
            label: "",
            policies: policies,
            createdAt: authenticator.now(),
            expiresAt: lifetime.map { authenticator.now() + $0 }
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

import AdminAPI
public import Administration
import DistributionAPI
import Foundation
public import Identity
import Jobs
import Limits
import Logging
public import Metadata
import Observability
import Synchronization

/// The management over a database of its own, asked as a function or without a socket.
///
/// `admin` manages everything, `alice` the project `team`; `bob` may do nothing.
public struct TestAdministration: Sendable {
    /// The password of all three.
    public static let password = "correct horse"

    private let folder: TemporaryFolder
    private let log: Lines
    private let responder: AdminResponder
    /// The facts.
    public let facts: FactStore
    /// The time.
    public let clock: TestClock
    /// What is remembered of the facts.
    public let directory: AccessDirectory
    /// Finds out who calls.
    public let authenticator: Authenticator
    /// Hands out tokens.
    public let tokens: TokenService
    /// The management.
    public let service: ManagementService

    /// A new one.
    public init() async throws {
        let (folder, clock, log) = (try TemporaryFolder(inMemory: true), TestClock(), Lines())
        let facts = FactStore(engine: try await TestDatabase.current.open(in: folder))
        try await facts.migrate()
        // Many keep a part of it alone; the folder stays as long as any part that reads or writes does.
        let now: @Sendable () -> Timestamp = { withExtendedLifetime(folder) { clock.now() } }
        let directory = try await AccessDirectory.load(facts, now: now)
        let passwords = PasswordChecker(cost: .least)
        let authenticator = Authenticator(service: "wharf", directory: directory, passwords: passwords, now: now)
        let service = ManagementService(
            directory: directory,
            facts: facts,
            passwords: passwords,
            now: now,
            jobs: JobQueue(facts, kinds: TestJobs.kinds),
            trash: TrashService(keep: .seconds(7 * 86_400))
        )
        let control = AccessControl(authenticator) { _, _ in MemoryRegistry() }
        (self.folder, self.log, self.facts, self.clock) = (folder, log, facts, clock)
        (self.directory, self.authenticator, self.service) = (directory, authenticator, service)
        tokens = TokenService(authenticator)
        responder = AdminResponder(
            before: nil,
            service: service,
            login: { try await control.login($0, under: TrafficLimits()) },
            strip: { $0.hasPrefix("/behind/") ? $0.dropFirst("/behind".count) : $0[...] },
            log: Logger(label: "test") { label in
                LineLogHandler(label: label, level: .trace, form: .json, sink: LogSink { log.add($0) })
            }
        )
        try await furnish()
    }

    private func furnish() async throws {
        let hash = try PasswordHash(of: Secret(Self.password), cost: .least).description
        try await directory.change { [clock] facts in
            for name in ["admin", "alice", "bob"] {
                let account = AccountFact(name: name, kind: .user, password: hash, createdAt: clock.now())
                _ = try facts.insertAccount(account)
            }
            try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: clock.now()))
            try facts.insertGrant(GrantFact(subject: "user:admin", role: "administrator", project: nil))
            try facts.insertGrant(GrantFact(subject: "user:alice", role: "administrator", project: "team"))
        }
    }

    // MARK: As a function

    /// Somebody who has logged in by a password, or by a secret that was handed out.
    public func login(
        _ name: String,
        _ secret: String = password,
        from address: String = "127.0.0.1"
    ) async throws -> Login {
        try await authenticator.login(.basic(name: name, Secret(secret)), from: Origin(address: address))
    }

    /// Somebody who has logged in by a token of the token service.
    public func login(token: Secret, from address: String = "127.0.0.1") async throws -> Login {
        try await authenticator.login(.bearer(token), from: Origin(address: address))
    }

    /// The management as somebody may do it.
    public func management(
        _ login: Login,
        condition: Precondition = .none,
        key: IdempotencyKey? = nil
    ) -> Management {
        service.management(
            for: login,
            from: Origin(address: "127.0.0.1"),
            request: "test",
            condition: condition,
            key: key
        )
    }

    /// The management as a user may do it who logs in by the password of all.
    public func management(_ name: String) async throws -> Management {
        management(try await login(name))
    }

    /// The management as the administrator of the machine may do it.
    public var local: Management { management(.local) }

    // MARK: Without a socket

    /// Asks the API, as a user with the password of all, or as nobody.
    public func send(
        _ method: String,
        _ path: String,
        as name: String? = "admin",
        _ json: String? = nil,
        _ headers: [(String, String)] = [],
        from address: String = "127.0.0.1"
    ) async throws -> TestResponse {
        var headers = headers
        if let name { headers.append(Self.basic(name, Self.password)) }
        if json != nil, !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        let request = TestRequest(method, path, headers: headers, body: Array((json ?? "").utf8))
        return try await ResponderHarness(responder: responder, clientAddress: address).send(request)
    }

    /// The header that says a name and a secret.
    public static func basic(_ name: String, _ secret: String) -> (String, String) {
        ("Authorization", "Basic " + Data("\(name):\(secret)".utf8).base64EncodedString())
    }

    // MARK: What is left behind

    /// The entries of the audit, the oldest first.
    public func audit() async throws -> [AuditFact] {
        try await facts.read { try $0.auditEntries(AuditSearch(), limit: 1000) }.records.map(\.fact).reversed()
    }

    /// What was logged.
    public var logged: [String] { log.all }

    /// All bytes of the database, without what is only in memory.
    public func databaseBytes() throws -> [UInt8] {
        try ["", "-wal"].flatMap { end in
            let path = "\(folder.path)/metadata.sqlite\(end)"
            return FileManager.default.fileExists(atPath: path)
                ? Array(try Data(contentsOf: URL(fileURLWithPath: path))) : []
        }
    }

    private final class Lines: Sendable {
        private let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }

        func add(_ line: String) { kept.withLock { $0.append(line) } }
    }
}

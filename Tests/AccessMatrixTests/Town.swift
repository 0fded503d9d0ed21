import Access
import AdminAPI
import Administration
import DistributionAPI
import Foundation
import Gates
import HTTPServing
import Hosting
import Jobs
import Logging
import Metadata
import MetadataSQLite
import Observability
import RegistryContract
import Synchronization
import Wrapping

@testable import Identity
@testable import RegistryTesting

/// A registry with everybody in it, put together as a server is, and asked without a socket.
struct Town: Sendable {
    let plan: TownPlan
    let engine: SQLiteEngine
    let facts: FactStore
    let directory: AccessDirectory
    let authenticator: Authenticator
    let log = Lines()
    private let folder: TemporaryFolder
    private let network: ResponderHarness
    private let socket: ResponderHarness

    /// Opens what is in a folder, over blobs.
    init(_ plan: TownPlan, in folder: TemporaryFolder, _ blobs: MemoryBlobStore, _ clock: TestClock) async throws {
        (self.plan, self.folder) = (plan, folder)
        engine = try SQLiteEngine.open(at: "\(folder.path)/facts.sqlite")
        facts = FactStore(engine: engine)
        try await facts.migrate()
        let host = RegistryHost(facts: facts, blobs: blobs) { clock.now() }
        let directory = try await AccessDirectory.load(facts, now: { clock.now() })
        let passwords = PasswordChecker(cost: .least)
        let authenticator = Authenticator(service: "wharf", directory: directory, passwords: passwords) { clock.now() }
        (self.directory, self.authenticator) = (directory, authenticator)
        var control = AccessControl(authenticator) { login, caller in
            let rulesNow: @Sendable () -> AccessRules? = { directory.rules(for: login) }
            let standing = TagStanding(of: login.principal, rulesNow: rulesNow)
            let registry = host.registry(for: caller, standing: standing)
            return AccessChecked(registry, for: login.principal, rulesNow: rulesNow)
        }
        control.mayRead = { directory.snapshot.rules.decide($0, .pull, on: $1).isAllowed }
        let (access, lines) = (control, log)
        let log = Logger(label: "test") { label in
            LineLogHandler(label: label, level: .trace, form: .json, sink: LogSink { lines.add($0) })
        }
        let options = DistributionResponder.Options()
        let management = ManagementService(
            directory: directory,
            facts: facts,
            passwords: passwords,
            now: { clock.now() },
            jobs: JobQueue(facts, kinds: TestJobs.kinds),
            trash: TrashService(keep: .seconds(7 * 86_400))
        )
        let distribution = DistributionResponder(access: access, options: options, log: log)
        let tokens = TokenResponder(before: distribution, access: access, options: options, log: log)
        let admin = AdminResponder(
            before: tokens,
            service: management,
            login: { try await access.login($0, under: options.limits) },
            log: log
        )
        network = ResponderHarness(
            responder: OperationsResponder(before: admin, metrics: MetricSet(), readiness: { [] })
        )
        socket = ResponderHarness(
            responder: AdminResponder(before: nil, service: management, login: { _ in .local }, log: log)
        )
    }

    /// Runs `body` with a town of its own, as everything is at the beginning.
    static func with<Value: Sendable>(_ body: (Town) async throws -> Value) async throws -> Value {
        let plan = try await TownPlan.shared.value
        return try await gate.enter {
            let town = try await plan.town()
            do {
                let value = try await body(town)
                try await town.engine.close()
                return value
            } catch {
                try? await town.engine.close()
                throw error
            }
        }
    }

    private static let gate = TownGate(limit: 8)

    /// Takes away what the town begins with that is read-only.
    func makeWritable() async throws {
        try await directory.change { facts in
            for fact in try facts.readOnlyScopes() { _ = try facts.deleteReadOnly(fact.scope) }
        }
    }

    /// Sends a request as it is, without credentials.
    func send(_ request: TestRequest) async throws -> TestResponse {
        try await network.send(request)
    }

    /// Sends a request with what a caller says who it is.
    func send(_ request: TestRequest, as caller: Caller) async throws -> TestResponse {
        if caller == .socket { return try await socket.send(request) }
        var request = request
        if let value = plan.credentials[caller]?.authorization { request.headers.append(("Authorization", value)) }
        return try await network.send(request)
    }

    /// All that a refused request must leave as it was, as text.
    func state() async throws -> String {
        var text = "\(try await facts.read { try $0.accessVersion() })\n"
        let paths = [
            "/api/v1/declaration", "/api/v1/audit?limit=1000", "/api/v1/keys", "/api/v1/tokens?user=*",
            "/api/v1/sessions?user=*", "/api/v1/jobs", "/api/v1/jobs/1/log", "/api/v1/job-schedules",
            "/api/v1/read-only", "/api/v1/trash", "/api/v1/quotas",
        ]
        for path in paths { text += try await send(TestRequest("GET", path), as: .socket).text + "\n" }
        for path in ["/v2/_catalog"] + plan.repositories.map({ "/v2/\($0)/tags/list" }) {
            text += try await send(TestRequest("GET", path), as: .root).text + "\n"
        }
        for path in plan.manifestPaths {
            let answer = try await send(TestRequest("HEAD", path), as: .root)
            text += "\(answer.status) \(answer[header: "Docker-Content-Digest"] ?? "")\n"
        }
        return text
    }

    /// What was logged.
    final class Lines: Sendable {
        private let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }

        func add(_ line: String) {
            kept.withLock { $0.append(line) }
        }
    }
}

/// Lets a bounded number in at once: each has a database with threads and open files.
actor TownGate {
    private var freeCount: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(limit: Int) {
        freeCount = limit
    }

    nonisolated func enter<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        await take()
        do {
            let value = try await body()
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func take() async {
        guard freeCount == 0 else {
            freeCount -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty { freeCount += 1 } else { waiting.removeFirst().resume() }
    }
}

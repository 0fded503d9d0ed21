import Logging
import MetadataSQLite
import RegistryTesting
import Synchronization
import Testing

@testable import Auditing
@testable import Metadata

/// An audit in a database of its own.
struct AuditHouse: Sendable {
    let stores: TestStores
    let log = Lines()

    var facts: FactStore { stores.facts }
    var clock: TestClock { stores.clock }

    static func with(_ body: (AuditHouse) async throws -> Void) async throws {
        try await TestStores.with { try await body(AuditHouse(stores: $0)) }
    }

    /// One whose tables are changed by statements of SQLite's own.
    static func withSQLite(_ body: @Sendable (AuditHouse) async throws -> Void) async throws {
        try await TestDatabase.$current.withValue(.sqlite) { try await with(body) }
    }

    /// A sealer of another process each time.
    func sealer(keep: Duration = .seconds(86_400), over facts: FactStore? = nil) -> AuditSealer {
        let log = Logger(label: "test") { [lines = log] _ in lines }
        return AuditSealer(
            facts ?? self.facts,
            owner: AuditSealer.randomOwner(),
            keep: keep,
            now: { [clock] in clock.now() },
            log: log
        )
    }

    var trail: AuditTrail {
        AuditTrail(facts, now: { [clock] in clock.now() }, log: Logger(label: "test") { [lines = log] _ in lines })
    }

    func fact(_ number: Int, _ change: (inout AuditFact) -> Void = { _ in }) -> AuditFact {
        var fact = AuditFact(
            at: clock.now(),
            principal: "user:alice",
            address: "192.0.2.7",
            requestID: "request-\(number)",
            action: "user.create",
            target: "user:number-\(number)",
            outcome: .allowed,
            reason: "a role",
            details: #"{"number":\#(number)}"#
        )
        change(&fact)
        return fact
    }

    func append(_ numbers: ClosedRange<Int>) async throws {
        let entries = numbers.map { fact($0) }
        try await facts.write { facts in
            for entry in entries { try facts.append(entry) }
        }
    }

    /// Three seals over three entries each, of which the second and the third are signed; the head.
    @discardableResult
    func makeChain() async throws -> AuditHead? {
        let sealer = sealer()
        for first in [1, 4, 7] {
            try await append(first...(first + 2))
            _ = try await sealer.seal()
            if first > 1 { _ = try await sealer.sign() }
        }
        return try await facts.read { try $0.auditHead() }
    }

    /// Does to the tables what the registry never does.
    func tamper(_ texts: StaticString...) async throws {
        for text in texts { try await tamper(text, []) }
    }

    func tamper(_ text: StaticString, _ arguments: [SQLValue]) async throws {
        let statement = Statement(text)
        _ = try await stores.engine.write { try $0.run(statement, arguments) }
    }

    /// What is found wrong, and the report.
    func verify(
        expecting head: AuditHead? = nil,
        over facts: FactStore? = nil
    ) async throws -> (findings: [AuditVerification.Finding], report: AuditVerification.Report) {
        let found = Mutex<[AuditVerification.Finding]>([])
        let verification = AuditVerification(facts ?? self.facts, expecting: head) { finding in
            found.withLock { $0.append(finding) }
        }
        let report = try await verification.run()
        return (found.withLock { $0 }, report)
    }

    /// Every entry, oldest first.
    func entries() async throws -> [AuditRecord] {
        try await facts.read { try $0.auditEntries(AuditSearch(), limit: 10_000).records }.reversed()
    }

    /// Keeps what is logged.
    final class Lines: LogHandler {
        private let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }

        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            kept.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }
}

/// Waits until a condition holds, for a while.
func eventually(_ sentence: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "\(sentence): not within 20 seconds")
        try await Task.sleep(for: .milliseconds(5))
    }
}

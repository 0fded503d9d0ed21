import MetadataSQLite
import RegistryTesting
import Testing

@testable import Auditing
@testable import Metadata

/// Whoever can write to the tables changes them; `verify` says what, and where.
@Suite struct TamperingTests {
    typealias Kind = AuditVerification.Finding.Kind

    /// Something that is done to a chain of three seals over the entries 1 to 3, 4 to 6 and 7 to 9, the second and the
    /// third of them signed.
    struct Deed: Sendable, CustomTestStringConvertible {
        /// The table and column, where it is a column alone that is changed.
        var column: String?
        var text: StaticString
        /// What must be found.
        var kind: Kind
        var seal: Int64?
        var entry: Int64?

        init(
            _ column: String? = nil,
            _ text: StaticString,
            _ kind: Kind,
            seal: Int64? = nil,
            entry: Int64? = nil
        ) {
            (self.column, self.text, self.kind, self.seal, self.entry) = (column, text, kind, seal, entry)
        }

        var testDescription: String { text.description }
    }

    static let deeds = entryDeeds + sealDeeds + markDeeds + rowDeeds

    private static func changed(_ column: String, _ text: StaticString) -> Deed {
        Deed("audit_entry.\(column)", text, .changed, seal: 2, entry: 5)
    }

    private static let entryDeeds = [
        Deed("audit_entry.id", "UPDATE audit_entry SET id = 50 WHERE id = 5", .changed, seal: 2, entry: 50),
        changed("at", "UPDATE audit_entry SET at = at + 1 WHERE id = 5"),
        changed("principal", "UPDATE audit_entry SET principal = 'user:bob' WHERE id = 5"),
        changed("address", "UPDATE audit_entry SET address = '192.0.2.8' WHERE id = 5"),
        changed("request_id", "UPDATE audit_entry SET request_id = '' WHERE id = 5"),
        changed("action", "UPDATE audit_entry SET action = 'user.delete' WHERE id = 5"),
        changed("target", "UPDATE audit_entry SET target = 'user:number-6' WHERE id = 5"),
        changed("outcome", "UPDATE audit_entry SET outcome = 'denied' WHERE id = 5"),
        changed("reason", "UPDATE audit_entry SET reason = 'another role' WHERE id = 5"),
        changed("details", "UPDATE audit_entry SET details = '' WHERE id = 5"),
        changed("times", "UPDATE audit_entry SET times = 2 WHERE id = 5"),
        changed("times", "UPDATE audit_entry SET times = 'many' WHERE id = 5"),
        // The same letters in all, at another border.
        changed("target", "UPDATE audit_entry SET target = 'number-5', action = 'user.createuser:' WHERE id = 5"),
        Deed("audit_entry.seal", "UPDATE audit_entry SET seal = 1 WHERE id = 5", .added, seal: 1, entry: 5),
        Deed("audit_entry.seal", "UPDATE audit_entry SET seal = 1 WHERE id = 5", .removed, seal: 2),
        Deed("audit_entry.seal", "UPDATE audit_entry SET seal = 99 WHERE id = 5", .added, seal: 99, entry: 5),
        Deed("audit_entry.seal", "UPDATE audit_entry SET seal = -1 WHERE id = 5", .added, seal: -1, entry: 5),
        Deed("audit_entry.seal", "UPDATE audit_entry SET seal = NULL WHERE id = 5", .changed, entry: 5),
        Deed("audit_entry.place", "UPDATE audit_entry SET place = 7 WHERE id = 5", .reordered, seal: 2, entry: 5),
        Deed("audit_entry.place", "UPDATE audit_entry SET place = NULL WHERE id = 5", .reordered, seal: 2, entry: 5),
        Deed(nil, "UPDATE audit_entry SET seal = NULL, place = NULL WHERE id = 5", .removed, seal: 2),
    ]

    private static let sealDeeds = [
        Deed("audit_seal.number", "UPDATE audit_seal SET number = 20 WHERE number = 2", .removed, seal: 2),
        Deed("audit_seal.sealed_at", "UPDATE audit_seal SET sealed_at = 1 WHERE number = 2", .seal, seal: 2),
        Deed("audit_seal.entry_count", "UPDATE audit_seal SET entry_count = 2 WHERE number = 2", .seal, seal: 2),
        Deed("audit_seal.leaves", "UPDATE audit_seal SET leaves = zeroblob(96) WHERE number = 2", .seal, seal: 2),
        Deed("audit_seal.leaves", "UPDATE audit_seal SET leaves = 'x' WHERE number = 2", .seal, seal: 2),
        Deed("audit_seal.previous", "UPDATE audit_seal SET previous = hash WHERE number = 2", .seal, seal: 2),
        Deed("audit_seal.hash", "UPDATE audit_seal SET hash = previous WHERE number = 2", .seal, seal: 2),
        Deed(nil, "DELETE FROM audit_seal WHERE number = 1", .removed, seal: 1),
        Deed(nil, "DELETE FROM audit_seal WHERE number = 2", .removed, seal: 2),
        Deed(nil, "DELETE FROM audit_seal WHERE number = 2", .added, seal: 2, entry: 5),
        Deed(nil, "DELETE FROM audit_seal WHERE number = 3", .removed, seal: 3),
        Deed(nil, "DELETE FROM audit_seal", .removed, seal: 3),
        Deed(
            nil,
            "INSERT INTO audit_seal SELECT 0, 0, 0, x'', hash, hash FROM audit_seal WHERE number = 1",
            .added,
            seal: 0
        ),
        Deed(
            nil,
            "INSERT INTO audit_seal SELECT 4, 0, 0, x'', hash, hash FROM audit_seal WHERE number = 3",
            .seal,
            seal: 4
        ),
    ]

    private static let markDeeds = [
        Deed("audit_mark.kind", "UPDATE audit_mark SET kind = 'cut' WHERE number = 2", .signature, seal: 2),
        Deed("audit_mark.number", "UPDATE audit_mark SET number = 1 WHERE number = 2", .signature, seal: 1),
        Deed("audit_mark.hash", "UPDATE audit_mark SET hash = 'x' WHERE number = 2", .signature, seal: 2),
        Deed("audit_mark.signed_at", "UPDATE audit_mark SET signed_at = 1 WHERE number = 2", .signature, seal: 2),
        Deed("audit_mark.key_id", "UPDATE audit_mark SET key_id = 'x' WHERE number = 2", .signature, seal: 2),
        Deed("audit_mark.signature", "UPDATE audit_mark SET signature = x'00' WHERE number = 2", .signature, seal: 2),
        Deed(
            nil,
            """
            UPDATE audit_mark SET signature = (SELECT signature FROM audit_mark WHERE number = 3) WHERE number = 2
            """,
            .signature,
            seal: 2
        ),
        Deed("audit_key.id", "UPDATE audit_key SET id = 'x'", .signature, seal: 3),
        Deed("audit_key.private_key", "UPDATE audit_key SET private_key = zeroblob(32)", .signature, seal: 3),
        Deed(nil, "DELETE FROM audit_key", .signature, seal: 2),
    ]

    private static let rowDeeds = [
        Deed(nil, "DELETE FROM audit_entry WHERE id = 5", .removed, seal: 2),
        Deed(nil, "DELETE FROM audit_entry WHERE id = 1", .removed, seal: 1),
        Deed(nil, "DELETE FROM audit_entry", .removed, seal: 3),
        Deed(
            nil,
            """
            INSERT INTO audit_entry
                SELECT 50, at, principal, address, request_id, action, target, outcome, reason, details, times, 2, 3
                  FROM audit_entry WHERE id = 5
            """,
            .added,
            seal: 2,
            entry: 50
        ),
        Deed(
            nil,
            """
            INSERT INTO audit_entry
                SELECT 50, at, principal, address, request_id, action, target, outcome, reason, details, times, 2, 1
                  FROM audit_entry WHERE id = 5
            """,
            .added,
            seal: 2,
            entry: 50
        ),
        Deed(nil, "UPDATE audit_entry SET place = 1 - place WHERE id IN (4, 5)", .reordered, seal: 2, entry: 4),
        Deed(nil, "UPDATE audit_entry SET place = 1 - place WHERE id IN (4, 5)", .reordered, seal: 2, entry: 5),
    ]

    @Test func `what nobody has touched is sound`() async throws {
        try await AuditHouse.withSQLite { house in
            let head = try await house.makeChain()
            try await house.append(10...11)
            let (findings, report) = try await house.verify(expecting: head)
            #expect(findings == [])
            #expect(report.sealCount == 3 && report.entryCount == 9 && report.unsealedCount == 2)
            #expect(report.signatureCount == 2 && report.findingCount == 0)
            #expect(report.head == head && report.signedHead == head)
        }
    }

    @Test(arguments: deeds)
    func `a change of the tables is found where it was made`(deed: Deed) async throws {
        try await AuditHouse.withSQLite { house in
            try await house.makeChain()
            try await house.tamper(deed.text)
            let (findings, report) = try await house.verify()
            #expect(report.findingCount == findings.count)
            #expect(
                findings.contains {
                    $0.kind == deed.kind && $0.seal == deed.seal && (deed.entry == nil || $0.entry == deed.entry)
                },
                "\(findings)"
            )
        }
    }

    @Test func `no column is left out of what is tried`() async throws {
        try await AuditHouse.withSQLite { house in
            let statement = Statement(
                """
                SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
                    WHERE t.type = 'table' AND t.name LIKE 'audit_%' AND t.name <> 'audit_lease'
                """
            )
            let columns = try await house.stores.engine.read { try $0.rows(statement, []) }
            let tried = Set(Self.deeds.compactMap { $0.column.map { [SQLValue.text($0)] } })
            let missing = columns.filter { !tried.contains($0) }
            #expect(columns.count == 27)
            #expect(missing == [])
        }
    }

    @Test func `a tail that was cut off whole is found by what was signed, and by nothing once that is gone too`()
        async throws
    {
        try await AuditHouse.withSQLite { house in
            let head = try await house.makeChain()
            try await house.tamper(
                "DELETE FROM audit_entry WHERE seal = 3",
                "DELETE FROM audit_seal WHERE number = 3"
            )
            #expect(try await house.verify().findings.map(\.kind) == [.removed])
            try await house.tamper("DELETE FROM audit_mark WHERE number = 3")
            #expect(try await house.verify().findings == [])
            #expect(try await house.verify(expecting: head).findings.map(\.kind) == [.expectation])
        }
    }

    @Test func `a chain that was made anew is found by its signatures, and one that was signed anew by a kept head`()
        async throws
    {
        try await AuditHouse.withSQLite { house in
            let head = try await house.makeChain()
            try await house.tamper("UPDATE audit_entry SET principal = 'user:bob' WHERE id = 5")
            try await house.facts.write { facts in
                var previous: AuditHead?
                for number in Int64(1)...3 {
                    let entries = try facts.auditEntries(ofSeal: number, limit: 9).compactMap(\.value)
                    let made = try #require(try facts.auditSeals(after: number - 1, limit: 1).first?.value)
                    let seal = AuditChain.seal(over: entries, after: previous, at: made.sealedAt)
                    let change = Statement(
                        "UPDATE audit_seal SET leaves = $2, previous = $3, hash = $4 WHERE number = $1"
                    )
                    let values: [SQLValue] = [
                        .integer(number), .blob(seal.leaves), .text(seal.previous), .text(seal.hash),
                    ]
                    try facts.connection.run(change, values)
                    previous = seal.head
                }
            }
            let findings = try await house.verify().findings
            #expect(findings.map(\.kind) == [.signature, .signature] && findings.map(\.seal) == [2, 3])
            // The key lies in the same database: whoever may write there can sign as well.
            try await house.tamper("DELETE FROM audit_mark")
            _ = try await house.sealer().sign()
            #expect(try await house.verify().findings == [])
            #expect(try await house.verify(expecting: head).findings.map(\.kind) == [.expectation])
        }
    }

    @Test func `seals that go on for long without a signature are found`() async throws {
        try await AuditHouse.withSQLite { house in
            try await house.makeChain()
            // Each time another sealer, after the lease of the one before.
            house.clock.advance(by: .seconds(20))
            for minutes in [0, 9, 2] {
                house.clock.advance(by: .seconds(minutes * 60))
                try await house.append(1...1)
                _ = try await house.sealer().seal()
                let isLate = minutes == 2
                #expect(try await house.verify().findings.map(\.kind) == (isLate ? [.signature] : []))
                house.clock.advance(by: .seconds(20))
            }
        }
    }
}

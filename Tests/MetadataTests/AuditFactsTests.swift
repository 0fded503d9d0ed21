import RegistryTesting
import Testing

@testable import Metadata

@Suite(.everyEngine) struct AuditFactsTests {
    private static func fact(_ number: Int, _ change: (inout AuditFact) -> Void = { _ in }) -> AuditFact {
        var fact = AuditFact(
            at: Fixture.now + .seconds(number),
            principal: "user:alice",
            address: "192.0.2.7",
            requestID: "request-\(number)",
            action: "user.create",
            target: "team/app:\(number)",
            outcome: .allowed,
            reason: "a role",
            details: "{}",
            times: Int64(number)
        )
        change(&fact)
        return fact
    }

    private static func fixture(_ facts: [AuditFact]) async throws -> Fixture {
        let fixture = try await Fixture()
        try await fixture.facts.write { for fact in facts { try $0.append(fact) } }
        return fixture
    }

    private static func numbers(
        _ fixture: Fixture,
        _ search: AuditSearch,
        limit: Int = 100
    ) async throws -> [Int64] {
        try await fixture.facts.read { try $0.auditEntries(search, limit: limit).records.map(\.fact.times) }
    }

    // MARK: Searching

    @Test func `an entry is found as it was recorded, the newest first`() async throws {
        let facts = [3, 1, 2].map { Self.fact($0) }
        let fixture = try await Self.fixture(facts)
        let page = try await fixture.facts.read { try $0.auditEntries(AuditSearch(), limit: 10) }
        #expect(page.records.map(\.fact) == [facts[0], facts[2], facts[1]])
        #expect(page.records.map(\.id) == [1, 3, 2])
        #expect(page.records.allSatisfy { $0.seal == nil && $0.place == nil })
        #expect(page.next == nil)
    }

    @Test func `each part of a search picks out what it names, and no more`() async throws {
        let fixture = try await Self.fixture([
            Self.fact(1), Self.fact(2) { $0.principal = "user:bob" }, Self.fact(3) { $0.action = "user.delete" },
            Self.fact(4) { $0.action = "userx" }, Self.fact(5) { $0.target = "team/app" },
            Self.fact(6) { $0.outcome = .denied }, Self.fact(7) { $0.target = "team%app" },
        ])
        let moment = { Fixture.now + .seconds($0) }
        let cases: [(AuditSearch, [Int64])] = [
            (AuditSearch(principal: "user:bob"), [2]), (AuditSearch(principal: "user:b"), []),
            (AuditSearch(action: .exactly("user.create")), [7, 6, 5, 2, 1]),
            (AuditSearch(action: .prefix("user.")), [7, 6, 5, 3, 2, 1]), (AuditSearch(action: .exactly("user.")), []),
            (AuditSearch(target: .exactly("team/app")), [5]),
            (AuditSearch(target: .prefix("team/app")), [6, 5, 4, 3, 2, 1]),
            (AuditSearch(target: .prefix("team%")), [7]), (AuditSearch(target: .prefix("")), [7, 6, 5, 4, 3, 2, 1]),
            (AuditSearch(outcome: .denied), [6]), (AuditSearch(outcome: .failed), []),
            (AuditSearch(since: moment(6)), [7, 6]), (AuditSearch(until: moment(3)), [2, 1]),
            (AuditSearch(since: moment(3), until: moment(5)), [4, 3]),
            (AuditSearch(since: moment(5), until: moment(3)), []),
            (AuditSearch(principal: "user:alice", target: .exactly("team/app:1")), [1]),
            (AuditSearch(principal: "user:bob", target: .exactly("team/app:1")), []),
            (
                AuditSearch(principal: "user:alice", action: .prefix("user."), since: moment(2), until: moment(7)),
                [6, 5, 3]
            ),
        ]
        for (search, expected) in cases {
            #expect(try await Self.numbers(fixture, search) == expected, "\(search)")
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `pages follow one another without a gap, also where moments are the same`(limit: Int) async throws {
        let facts = (0..<20).map { number in Self.fact(number) { $0.at = Fixture.now + .seconds(number / 4) } }
        let fixture = try await Self.fixture(facts)
        for search in [
            AuditSearch(), AuditSearch(principal: "user:alice"), AuditSearch(until: Fixture.now + .seconds(100)),
        ] {
            var (seen, next, pageCount) = ([Int64](), AuditKeyset?.none, 0)
            repeat {
                let place = next
                let page = try await fixture.facts.read { try $0.auditEntries(search, after: place, limit: limit) }
                #expect(page.records.count <= limit)
                seen += page.records.map(\.id)
                next = page.next
                pageCount += 1
            } while next != nil && pageCount < 50
            #expect(seen == (1...20).reversed())
            #expect(pageCount == (20 + limit - 1) / limit)
        }
    }

    @Test func `a page looks at a bounded number of entries, and says where to go on`() async throws {
        let count = Facts.auditEntriesPerPage + 10
        let fixture = try await Self.fixture((0..<count).map { Self.fact($0) })
        let search = AuditSearch(target: .prefix("team/app:0"))
        let first = try await fixture.facts.read { try $0.auditEntries(search, limit: 5) }
        #expect(first.records == [])
        let next = try #require(first.next)
        let second = try await fixture.facts.read { try $0.auditEntries(search, after: next, limit: 5) }
        #expect(second.records.map(\.fact.times) == [0] && second.next == nil)
    }

    // MARK: Sealing

    private static func seal(_ number: Int64, count: Int) -> AuditSealFact {
        AuditSealFact(
            number: number,
            sealedAt: Fixture.later,
            entryCount: Int64(count),
            leaves: [1, 2, 3],
            previous: "before \(number)",
            hash: "hash \(number)"
        )
    }

    @Test func `a seal gives its entries their places, once`() async throws {
        let fixture = try await Self.fixture((1...3).map { Self.fact($0) })
        let entries = try await fixture.facts.read { try $0.unsealedAuditEntries(limit: 2) }
        #expect(entries.map(\.id) == [1, 2])
        try await fixture.facts.write { try $0.insertAuditSeal(Self.seal(1, count: 2), over: entries) }
        try await fixture.facts.read { (facts) throws in
            #expect(try facts.auditEntries(ofSeal: 1, limit: 9).map { $0.value?.place } == [0, 1])
            #expect(try facts.unsealedAuditEntries(limit: 9).map(\.id) == [3])
            #expect(try facts.unsealedAuditCount() == 1)
            #expect(try facts.newestAuditSeal() == Self.seal(1, count: 2))
            #expect(try facts.newestAuditSealNumber() == 1)
        }
        let again = try await metadataError {
            try await fixture.facts.write { try $0.insertAuditSeal(Self.seal(2, count: 2), over: entries) }
        }
        #expect(again?.code == .conditionFailed)
        let forked = try await metadataError {
            try await fixture.facts.write { try $0.insertAuditSeal(Self.seal(1, count: 0), over: []) }
        }
        #expect(forked?.code == .constraint)
        #expect(try await fixture.facts.read { try $0.newestAuditSealNumber() } == 1)
    }

    @Test func `the lease is one sealer's until it ends or is let go`() async throws {
        let fixture = try await Fixture()
        let take = { (owner: String, moment: Timestamp) in
            try await fixture.facts.write { try $0.takeAuditLease(owner, until: moment + .seconds(10), at: moment) }
        }
        #expect(try await take("a", Fixture.now))
        #expect(try await !take("b", Fixture.now + .seconds(9)))
        #expect(try await take("a", Fixture.now + .seconds(9)))
        #expect(try await !take("b", Fixture.now + .seconds(19)))
        #expect(try await take("b", Fixture.now + .seconds(20)))
        try await fixture.facts.write { try $0.dropAuditLease("a") }
        #expect(try await !take("a", Fixture.now + .seconds(21)))
        try await fixture.facts.write { try $0.dropAuditLease("b") }
        #expect(try await take("a", Fixture.now + .seconds(21)))
    }

    private static func mark(_ kind: AuditMarkFact.Kind, _ number: Int64) -> AuditMarkFact {
        AuditMarkFact(
            kind: kind,
            number: number,
            hash: "hash \(number)",
            signedAt: Fixture.later,
            keyID: "key",
            signature: [UInt8(number)]
        )
    }

    @Test func `pruning takes whole seals from the front, and leaves a cut`() async throws {
        let fixture = try await Self.fixture((1...6).map { Self.fact($0) })
        try await fixture.facts.write { (facts) throws in
            for number in Int64(1)...2 {
                let entries = try facts.unsealedAuditEntries(limit: 2)
                try facts.insertAuditSeal(Self.seal(number, count: 2), over: entries)
                try facts.insertAuditMark(Self.mark(.head, number))
            }
            try facts.pruneAudit(Self.mark(.cut, 1))
        }
        try await fixture.facts.read { (facts) throws in
            #expect(try facts.auditEntries(AuditSearch(), limit: 9).records.map(\.id) == [6, 5, 4, 3])
            #expect(try facts.auditSeals(after: .min, limit: 9).map(\.value) == [Self.seal(2, count: 2)])
            #expect(try facts.auditMarks(.head, after: .min, limit: 9).map(\.value) == [Self.mark(.head, 2)])
            #expect(try facts.newestAuditMark(.cut)?.value == Self.mark(.cut, 1))
        }
        try await fixture.facts.write { try $0.pruneAudit(Self.mark(.cut, 2)) }
        #expect(try await fixture.facts.read { try $0.auditMarks(.cut, after: .min, limit: 9) }.map(\.number) == [2])
    }
}

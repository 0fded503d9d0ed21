import Foundation
import RegistryTesting
import Testing

@testable import Auditing
@testable import Metadata

@Suite struct SealerTests {
    @Test func `entries are sealed in order, at most a thousand at a time`() async throws {
        try await AuditHouse.with { house in
            #expect(try await house.sealer().seal() == 0)
            try await house.append(1...2100)
            #expect(try await house.sealer().seal() == 2100)
            let entries = try await house.entries()
            let places = (0..<2100).map { (number: Int) -> [Int64?] in [Int64(number / 1000 + 1), Int64(number % 1000)]
            }
            #expect(entries.map { [$0.seal, $0.place] } == places)
            #expect(try await house.verify().findings == [])
        }
    }

    @Test func `an entry that appears behind others that are sealed is sealed next`() async throws {
        try await AuditHouse.withSQLite { house in
            let sealer = house.sealer()
            try await house.append(1...3)
            // Its number was taken before theirs, and its transaction ended after.
            try await house.tamper("UPDATE audit_entry SET id = 100 WHERE id = 1")
            _ = try await sealer.seal()
            try await house.append(4...4)
            try await house.tamper("UPDATE audit_entry SET id = 1 WHERE id = 101")
            #expect(try await sealer.seal() == 1)
            let entry = try #require(try await house.entries().first { $0.id == 1 })
            #expect(entry.seal == 2)
            #expect(try await house.verify().findings == [])
        }
    }

    @Test func `a head is signed once, and told to the log`() async throws {
        try await AuditHouse.with { house in
            let sealer = house.sealer()
            #expect(try await sealer.sign() == nil)
            try await house.append(1...1)
            _ = try await sealer.seal()
            let head = try #require(try await sealer.sign())
            #expect(try await sealer.sign() == nil)
            #expect(house.log.all.count == 1)
            #expect(house.log.all.first?.contains("info audit head") == true)
            #expect(house.log.all.first?.contains(head.description) == true)
            #expect(AuditHead(head.description) == head)
            let key = try #require(try await house.facts.read { try $0.auditKeys() }.first)
            #expect(!"\(key)".contains("\(key.privateKey[0]), \(key.privateKey[1])"))
        }
    }

    @Test(arguments: [
        "", "1", "1:", ":0", "0:\(AuditChain.genesis)", "-1:\(AuditChain.genesis)", "1:\(AuditChain.genesis)0",
    ])
    func `a text that is no head is refused`(text: String) {
        #expect(AuditHead(text) == nil)
    }

    @Test func `while one sealer has the lease another does nothing, and goes on when it has ended`() async throws {
        try await AuditHouse.with { house in
            let (first, second) = (house.sealer(), house.sealer())
            try await house.append(1...1)
            #expect(try await first.seal() == 1)
            try await house.append(2...2)
            #expect(try await second.seal() == 0)
            #expect(try await second.sign() == nil)
            house.clock.advance(by: AuditSealer.leaseDuration + .seconds(1))
            #expect(try await second.seal() == 1)
            try await house.append(3...3)
            #expect(try await first.seal() == 0)
            await second.finish()
            #expect(try await first.seal() == 0, "it was sealed at the end")
            try await house.append(4...4)
            #expect(try await first.seal() == 1, "the lease was let go")
            #expect(try await house.verify().findings == [])
        }
    }

    @Test func `sealers of several processes at once never fork the chain, whoever has the lease`() async throws {
        try await AuditHouse.with { house in
            var engines: [any MetadataEngine] = []
            for _ in 0..<3 {
                engines.append(try await TestDatabase.current.open(in: house.stores.folder, file: "facts.sqlite"))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for engine in engines {
                    let sealer = house.sealer(over: FactStore(engine: engine))
                    group.addTask {
                        for round in 0..<40 {
                            _ = try await sealer.seal()
                            if round % 5 == 0 { _ = try await sealer.sign() }
                            house.clock.advance(by: .seconds(7))
                        }
                    }
                }
                group.addTask {
                    for number in 1...200 { try await house.append(number...number) }
                }
                try await group.waitForAll()
            }
            house.clock.advance(by: .seconds(100))
            await house.sealer().finish()
            let (findings, report) = try await house.verify()
            #expect(findings == [])
            #expect(report.entryCount == 200 && report.unsealedCount == 0 && report.sealCount > 0)
            for engine in engines { try await engine.close() }
        }
    }

    @Test func `whichever step of sealing fails, the chain stays whole`() async throws {
        try await AuditHouse.with { house in
            for step in 1... {
                let failing = FailingMetadataEngine(house.stores.engine)
                let sealer = house.sealer(over: FactStore(engine: failing))
                try await house.append(1...2)
                failing.failStep(step)
                var hasFailed = false
                do {
                    _ = try await sealer.seal()
                    _ = try await sealer.sign()
                } catch {
                    hasFailed = true
                }
                #expect(try await house.verify().findings == [], "step \(step)")
                house.clock.advance(by: .seconds(100))
                guard hasFailed else {
                    #expect(step > 8, "each step was made to fail")
                    break
                }
            }
            await house.sealer().finish()
            #expect(try await house.verify().report.unsealedCount == 0)
        }
    }

    // MARK: Pruning

    @Test func `what is older than is kept goes seal by seal, and the rest is still sound`() async throws {
        try await AuditHouse.with { house in
            let sealer = house.sealer(keep: .seconds(1000))
            try await house.makeChain()
            house.clock.advance(by: .seconds(100))
            #expect(try await sealer.prune() == 0)
            house.clock.advance(by: .seconds(800))
            try await house.append(10...12)
            _ = try await sealer.seal()
            let head = try await sealer.sign()
            house.clock.advance(by: .seconds(200))
            #expect(try await sealer.prune() == 3)
            _ = try await sealer.seal()
            let entries = try await house.entries()
            #expect(entries.map(\.fact.action) == Array(repeating: "user.create", count: 3) + ["audit.prune"])
            #expect(entries.last?.fact.details.contains(#""seals":3"#) == true)
            let (findings, report) = try await house.verify(expecting: head)
            #expect(findings == [])
            #expect(report.sealCount == 2 && report.entryCount == 4)
        }
    }

    @Test func `a chain of which all was pruned goes on where it was`() async throws {
        try await AuditHouse.with { house in
            let sealer = house.sealer(keep: .seconds(1000))
            let head = try await house.makeChain()
            house.clock.advance(by: .seconds(2000))
            #expect(try await sealer.prune() == 3)
            #expect(try await house.verify(expecting: head).findings == [])
            _ = try await sealer.seal()
            let (findings, report) = try await house.verify()
            #expect(findings == [])
            #expect(report.head?.number == 4)
            let old = AuditHead("1:\(AuditChain.genesis)")
            #expect(try await house.verify(expecting: old).findings.map(\.kind) == [.expectation])
        }
    }

    @Test(
        arguments: [
            "DELETE FROM audit_mark WHERE kind = 'cut'",
            "UPDATE audit_mark SET number = number - 1 WHERE kind = 'cut'",
            "UPDATE audit_mark SET signature = x'00' WHERE kind = 'cut'",
            "UPDATE audit_mark SET hash = 'x' WHERE kind = 'cut'",
        ] as [StaticStringBox]
    )
    func `a front that was cut off without a signed cut is found`(deed: StaticStringBox) async throws {
        try await AuditHouse.withSQLite { house in
            let sealer = house.sealer(keep: .seconds(1000))
            try await house.makeChain()
            house.clock.advance(by: .seconds(900))
            try await house.append(10...12)
            _ = try await sealer.seal()
            house.clock.advance(by: .seconds(200))
            #expect(try await sealer.prune() == 3)
            #expect(try await house.verify().findings == [])
            try await house.tamper(deed.text)
            #expect(try await house.verify().findings.contains { $0.kind == .removed && $0.seal == 1 })
        }
    }

    @Test func `verify beside a registry that seals and prunes finds nothing wrong`() async throws {
        try await AuditHouse.with { house in
            let sealer = house.sealer(keep: .seconds(300))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for round in 0..<300 {
                        try await house.append(1...3)
                        _ = try await sealer.seal()
                        house.clock.advance(by: .seconds(5))
                        if round % 4 == 0 { _ = try await sealer.sign() }
                        if round % 10 == 0 { _ = try await sealer.prune() }
                    }
                }
                group.addTask {
                    for _ in 0..<60 {
                        let findings = try await house.verify().findings
                        #expect(findings == [])
                    }
                }
                try await group.waitForAll()
            }
            let report = try await house.verify().report
            #expect(report.sealCount < 300 && report.sealCount > 10)
        }
    }
}

/// A constant text as an argument of a test.
struct StaticStringBox: Sendable, ExpressibleByStringLiteral, CustomTestStringConvertible {
    let text: StaticString

    init(stringLiteral text: StaticString) {
        self.text = text
    }

    var testDescription: String { text.description }
}

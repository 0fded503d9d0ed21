import Metadata
import RegistryTesting
import Testing

@Suite(.everyEngine) struct LoginFactsTests {
    private static func fact(
        _ subject: String,
        _ failures: Int = 1,
        wait: Duration = .seconds(60),
        hold: Duration = .seconds(600)
    ) -> LoginFailureFact {
        LoginFailureFact(subject: subject, failures: failures, wait: wait, hold: hold)
    }

    private func put(_ facts: LoginFailureFact..., in fixture: Fixture) async throws {
        try await fixture.facts.write { (store) throws in
            for fact in facts { try store.putLoginFailures(fact) }
        }
    }

    private func found(_ first: String, _ second: String, _ fixture: Fixture) async throws -> [LoginFailureFact] {
        try await fixture.facts.read { try $0.loginFailures(of: first, second) }.sorted { $0.subject < $1.subject }
    }

    @Test func `what is held is found by its subjects, with the time that is left`() async throws {
        let fixture = try await Fixture()
        try await put(Self.fact("a", 7), Self.fact("b", 1, wait: .zero), Self.fact("c"), in: fixture)
        let facts = try await found("a", "b", fixture)
        #expect(facts.map(\.subject) == ["a", "b"] && facts.map(\.failures) == [7, 1])
        for (fact, wait) in zip(facts, [Duration.seconds(60), .zero]) {
            #expect(fact.wait <= wait && fact.wait > wait - .seconds(30), "\(fact)")
            #expect(fact.hold <= .seconds(600) && fact.hold > .seconds(570), "\(fact)")
        }
        #expect(try await found("d", "c", fixture).map(\.subject) == ["c"])
        #expect(try await found("d", "e", fixture) == [])
    }

    @Test func `what is put takes the place of what was there`() async throws {
        let fixture = try await Fixture()
        try await put(Self.fact("a", 7), in: fixture)
        try await put(Self.fact("a", 2, wait: .seconds(-5), hold: .seconds(10)), in: fixture)
        let facts = try await found("a", "b", fixture)
        #expect(facts.map(\.failures) == [2])
        #expect(facts.allSatisfy { $0.wait <= .seconds(-5) && $0.hold <= .seconds(10) })
    }

    @Test func `what is over is not found, and what is deleted neither`() async throws {
        let fixture = try await Fixture()
        try await put(Self.fact("a", hold: .zero), Self.fact("b"), in: fixture)
        #expect(try await found("a", "b", fixture).map(\.subject) == ["b"])
        try await fixture.facts.write { try $0.deleteLoginFailures(of: "b") }
        #expect(try await found("a", "b", fixture) == [])
    }

    @Test func `what is over is forgotten, and of too many those that are over first`() async throws {
        let fixture = try await Fixture()
        for number in 0..<20 {
            try await put(Self.fact("\(number)", hold: .seconds(number < 5 ? -number : 1000 + number)), in: fixture)
        }
        let forget = { (countMax: Int) in
            try await fixture.facts.write { try $0.deleteOldLoginFailures(keeping: countMax) }
        }
        #expect(try await forget(15) == 5)
        #expect(try await forget(15) == 0)
        #expect(try await forget(10) == 5)
        #expect(try await found("9", "10", fixture).map(\.subject) == ["10"])
        #expect(try await forget(0) == 10)
    }
}

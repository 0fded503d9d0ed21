import Testing

@testable import Identity

@Suite struct PasswordCheckerTests {
    private static let password = Secret("correct horse")

    /// Slow enough that many come while two are computed.
    private static let slow = PasswordHash.Cost(logarithm: 12, blockSize: 8, passes: 1)

    private static func stored(_ cost: PasswordHash.Cost = .least) throws -> String {
        try PasswordHash(of: password, cost: cost).description
    }

    /// A checker that remembers the password.
    private static func remembering(_ checker: PasswordChecker, _ stored: String) async throws -> PasswordChecker {
        guard case .right(let mark) = try await checker.check(password, against: stored, of: "alice") else {
            Issue.record("the password is compared, and right")
            return checker
        }
        checker.remember(mark)
        #expect(try await checker.check(password, against: stored, of: "alice") == .remembered)
        return checker
    }

    /// How many of many checks at once were right, wrong, and too many.
    private struct Outcome: Equatable {
        var right = 0
        var wrong = 0
        var tooMany = 0
    }

    private static func flood(
        _ checker: PasswordChecker,
        _ password: @escaping @Sendable (Int) -> Secret,
        against stored: String?
    ) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Bool?.self) { group in
            for number in 0..<300 {
                group.addTask {
                    do {
                        return try await checker.check(password(number), against: stored, of: "alice") != .wrong
                    } catch is TooManyLogins {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: Outcome()) { outcome, answer in
                switch answer {
                case true?: outcome.right += 1
                case false?: outcome.wrong += 1
                case nil: outcome.tooMany += 1
                }
            }
        }
    }

    @Test func `the right password is right each time, and a wrong one never`() async throws {
        let (checker, stored) = (PasswordChecker(cost: .least), try Self.stored())
        for _ in 0..<2 {
            #expect(try await checker.check(Self.password, against: stored, of: "alice") != .wrong)
            #expect(try await checker.check(Secret("correct horsf"), against: stored, of: "alice") == .wrong)
            #expect(try await checker.check(Secret(""), against: stored, of: "alice") == .wrong)
        }
    }

    @Test func `a changed password ends what was remembered`() async throws {
        let stored = try Self.stored()
        let checker = try await Self.remembering(PasswordChecker(cost: .least), stored)
        let changed = try await checker.hash(Secret("battery staple")).description
        #expect(try await checker.check(Self.password, against: changed, of: "alice") == .wrong)
        #expect(try await checker.check(Secret("battery staple"), against: changed, of: "alice") != .wrong)
        #expect(try await checker.check(Self.password, against: nil, of: "alice") == .wrong, "an account without one")
        #expect(try await checker.check(Self.password, against: "no hash", of: "alice") == .wrong)
    }

    @Test func `where nothing is kept of a password nothing is right`() async throws {
        let checker = PasswordChecker(cost: .least)
        for stored in [nil, "", "no hash"] {
            for password in ["", "no hash", "correct horse"] {
                #expect(try await checker.check(Secret(password), against: stored, of: "alice") == .wrong)
            }
        }
    }

    @Test func `who comes when too many wait is sent away, and all others are answered`() async throws {
        let (checker, stored) = (PasswordChecker(cost: Self.slow), try Self.stored(Self.slow))
        let wrong = try await Self.flood(checker, { Secret("\($0)") }, against: stored)
        #expect(wrong.right == 0 && wrong.wrong >= 66 && wrong.tooMany > 0)
        #expect(wrong.wrong + wrong.tooMany == 300)
        #expect(try await checker.check(Self.password, against: stored, of: "alice") != .wrong, "there is room again")
    }

    @Test func `a name that is nobody's waits and computes as the others do`() async throws {
        let checker = PasswordChecker(cost: Self.slow)
        let outcome = try await Self.flood(checker, { _ in Self.password }, against: nil)
        #expect(outcome.right == 0 && outcome.wrong >= 66 && outcome.tooMany > 0)
        let damaged = try await Self.flood(checker, { _ in Self.password }, against: "no hash")
        #expect(damaged.right == 0 && damaged.wrong >= 66 && damaged.tooMany > 0)
    }

    @Test func `a password that was right costs nothing the next time, and one that was wrong does`() async throws {
        let stored = try Self.stored(Self.slow)
        let checker = try await Self.remembering(PasswordChecker(cost: Self.slow), stored)
        let known = try await Self.flood(checker, { _ in Self.password }, against: stored)
        #expect(known == Outcome(right: 300))
        #expect(try await checker.check(Secret("wrong"), against: stored, of: "alice") == .wrong)
        let wrong = try await Self.flood(checker, { _ in Secret("wrong") }, against: stored)
        #expect(wrong.right == 0 && wrong.tooMany > 0, "what was wrong is not remembered")
    }

    @Test func `what is remembered is bounded, and what is used stays`() {
        let remembered = Remembered<Int>(countMax: 10)
        remembered.remember(-1, for: [])
        for number in 0..<100 {
            remembered.remember(number, for: [UInt8(number)])
            #expect(remembered.value(for: []) == -1)
        }
        let kept = (0..<100).filter { remembered.value(for: [UInt8($0)]) != nil }
        #expect(kept.contains(99) && kept.count <= 20)
    }
}

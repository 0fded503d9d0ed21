import Limits
import Testing

@Suite struct LoginLimitsTests {
    private let clock = ManualClock()

    private func limits(failuresMax: Int = 5, entryCountMax: Int = 1000) -> LoginLimits {
        LoginLimits(
            failuresMax: failuresMax,
            lockTime: .seconds(900),
            entryCountMax: entryCountMax,
            now: clock.now
        )
    }

    /// Tries a login; how long to wait, or nil when it was tried.
    private func wait(
        _ limits: LoginLimits,
        _ account: String,
        from address: String = "192.0.2.1",
        isRight: Bool = false
    ) -> LimitRefusal? {
        do {
            let attempt = try limits.begin(account, from: address)
            if isRight { limits.succeed(attempt) } else { limits.fail(attempt) }
            return nil
        } catch {
            return error
        }
    }

    @Test func `the wait after five failures is a second, doubles with each, and ends at the lock`() {
        let limits = limits()
        for _ in 0..<5 { #expect(wait(limits, "alice") == nil) }
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
            #expect(wait(limits, "alice", isRight: true) == LimitRefusal(.logins, retryAfter: seconds))
            #expect(limits.lockedCount == 1)
            clock.pass(.seconds(seconds) - .milliseconds(1))
            #expect(wait(limits, "alice", isRight: true) == LimitRefusal(.logins, retryAfter: 1))
            clock.pass(.milliseconds(1))
            #expect(limits.lockedCount == 0)
            #expect(wait(limits, "alice") == nil)
        }
    }

    @Test func `a success ends it, and a time without failures as long as the lock`() {
        let limits = limits()
        for _ in 0..<4 { #expect(wait(limits, "alice") == nil) }
        #expect(wait(limits, "alice", isRight: true) == nil)
        for _ in 0..<5 { #expect(wait(limits, "alice") == nil) }
        #expect(wait(limits, "alice") != nil)
        clock.pass(.seconds(900))
        #expect(wait(limits, "alice") == nil, "one more is tried")
        #expect(wait(limits, "alice")?.retryAfter == 2, "and it was not forgotten")
        clock.pass(.seconds(902))
        for _ in 0..<5 { #expect(wait(limits, "alice") == nil) }
        #expect(wait(limits, "alice") != nil)
    }

    @Test func `one account at one address is locked, and nobody else`() {
        let limits = limits()
        for _ in 0..<6 { _ = wait(limits, "admin") }
        #expect(wait(limits, "admin", isRight: true) != nil)
        #expect(wait(limits, "admin", from: "192.0.2.2", isRight: true) == nil)
        #expect(wait(limits, "alice", isRight: true) == nil)
        #expect(wait(limits, "admin") != nil, "what succeeds elsewhere changes nothing here")
    }

    @Test func `a block of IPv6 is one address`() {
        let limits = limits()
        for host in 1...5 { #expect(wait(limits, "admin", from: "2001:db8::\(host)") == nil) }
        #expect(wait(limits, "admin", from: "2001:db8::6") != nil)
        #expect(wait(limits, "admin", from: "2001:db8:0:1::6") == nil)
    }

    @Test func `one password tried with many accounts locks the address for a while, and no other`() {
        let limits = limits()
        for number in 0..<100 { #expect(wait(limits, "user\(number)") == nil) }
        #expect(wait(limits, "other", isRight: true) == LimitRefusal(.loginsPerAddress, retryAfter: 9))
        #expect(wait(limits, "other", from: "192.0.2.2", isRight: true) == nil)
        clock.pass(.seconds(9))
        #expect(wait(limits, "other", isRight: true) == nil)
        clock.pass(.seconds(900))
        for number in 100..<200 { #expect(wait(limits, "user\(number)") == nil) }
        #expect(wait(limits, "other") != nil)
    }

    @Test func `many at once get no further than one after the other`() throws {
        let limits = limits()
        for _ in 0..<3 { #expect(wait(limits, "alice") == nil) }
        let (first, second) = (
            try limits.begin("alice", from: "192.0.2.1"), try limits.begin("alice", from: "192.0.2.1")
        )
        #expect(throws: LimitRefusal(.logins, retryAfter: 1)) { try limits.begin("alice", from: "192.0.2.1") }
        limits.abandon(first)
        let third = try limits.begin("alice", from: "192.0.2.1")
        limits.fail(second)
        limits.fail(third)
        #expect(wait(limits, "alice")?.retryAfter == 1)
        clock.pass(.seconds(1))
        let only = try limits.begin("alice", from: "192.0.2.1")
        #expect(throws: LimitRefusal.self) { try limits.begin("alice", from: "192.0.2.1") }
        limits.succeed(only)
        #expect(wait(limits, "alice", isRight: true) == nil)
    }

    @Test func `of many that were let in before the first failed no more are answered than of one after the other`()
        async throws
    {
        let limits = limits()
        let attempts = try (0..<10).map { _ in try limits.begin("alice", from: "192.0.2.1") }
        for attempt in attempts[..<5] { try await limits.compared(attempt, isRight: false) }
        for attempt in attempts[5...] {
            await #expect(throws: LimitRefusal(.logins, retryAfter: 1)) {
                try await limits.compared(attempt, isRight: true)
            }
        }
        clock.pass(.seconds(1))
        try await limits.compared(limits.begin("alice", from: "192.0.2.1"), isRight: true)
        #expect(wait(limits, "alice") == nil)
    }

    @Test func `logins that succeed may come together, as many as like`() throws {
        let limits = limits()
        let attempts = try (0..<1000).map { _ in try limits.begin("robot", from: "192.0.2.1") }
        for attempt in attempts { limits.succeed(attempt) }
        #expect(wait(limits, "robot") == nil)
    }

    @Test func `names that strangers make up displace no lock`() {
        let limits = limits(failuresMax: 5, entryCountMax: 100)
        for _ in 0..<6 { _ = wait(limits, "admin") }
        for number in 0..<20_000 {
            #expect(wait(limits, "x\(number)", from: "10.0.\(number / 250).\(number % 250)") == nil)
        }
        #expect(wait(limits, "admin", isRight: true) != nil)
    }
}

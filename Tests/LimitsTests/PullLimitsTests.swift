import Limits
import RegistryTesting
import Testing

@Suite struct PullLimitsTests {
    private let clock = ManualClock()

    private static let someone = PullLimits.Puller.address(CountedAddress("192.0.2.1"))

    private func limits(_ anonymous: Allowance?, _ authenticated: Allowance? = nil) -> PullLimits {
        PullLimits(anonymous: anonymous, authenticated: authenticated, now: clock.now)
    }

    @Test func `a window has so many pulls, and each answer says how many are left`() throws {
        let limits = limits(Allowance(3, per: .seconds(600)))
        #expect(limits.standing(of: Self.someone)?.remaining == 3)
        for remaining in [2, 1, 0] {
            let pull = try #require(limits.take(Self.someone))
            #expect(pull.refusal == nil)
            #expect(pull.standing.remaining == remaining)
        }
        let refused = try #require(limits.take(Self.someone))
        #expect(refused.standing.limit == 3 && refused.standing.remaining == 0)
        #expect(refused.standing.windowSeconds == 600 && refused.standing.source == "192.0.2.1")
        let refusal = try #require(refused.refusal)
        #expect(refusal.limit == .pullsAnonymous && (600...610).contains(refusal.retryAfter))
        clock.pass(.seconds(599))
        #expect(limits.take(Self.someone)?.refusal != nil)
        clock.pass(.seconds(refusal.retryAfter - 599))
        #expect(limits.standing(of: Self.someone)?.remaining == 3)
        #expect(limits.take(Self.someone)?.refusal == nil)
    }

    @Test func `a pull that came to nothing does not count`() throws {
        let limits = limits(Allowance(1, per: .seconds(60)))
        let pull = try #require(limits.take(Self.someone))
        clock.pass(.seconds(10))
        #expect(limits.giveBack(pull).remaining == 1)
        #expect(limits.take(Self.someone)?.refusal == nil)
        let refused = try #require(limits.take(Self.someone))
        #expect(limits.giveBack(refused).remaining == 0, "a refused one gives nothing back")
    }

    @Test func `accounts and addresses are counted apart, a block of IPv6 as one`() throws {
        let limits = limits(Allowance(1, per: .seconds(60)), Allowance(2, per: .seconds(60)))
        let pullers: [(PullLimits.Puller, String)] = [
            (Self.someone, "192.0.2.1"), (.address(CountedAddress("2001:db8::1")), "2001:db8::/64"),
            (.account("user:alice"), "user:alice"), (.account("user:alice"), "user:alice"),
        ]
        for (puller, source) in pullers {
            let pull = try #require(limits.take(puller))
            #expect(pull.refusal == nil && pull.standing.source == source)
        }
        for puller in [Self.someone, .address(CountedAddress("2001:db8::2")), .account("user:alice")] {
            #expect(limits.take(puller)?.refusal != nil)
        }
        #expect(limits.take(.account("user:alice"))?.refusal?.limit == .pullsAuthenticated)
        #expect(limits.take(.account("user:bob"))?.refusal == nil)
    }

    @Test func `where nothing is limited nothing is said`() {
        #expect(limits(nil).isOff)
        #expect(limits(nil, Allowance(1, per: .seconds(1))).take(Self.someone) == nil)
        #expect(limits(nil, Allowance(1, per: .seconds(1))).standing(of: Self.someone) == nil)
        #expect(limits(Allowance(1, per: .seconds(1))).take(.account("user:alice")) == nil)
    }

    // MARK: Against a naive one

    /// Remembers each moment, in milliseconds.
    private struct Naive {
        let count: Int
        let window: Int
        var pulls: [Int] = []

        /// Pulls in the last `window` before `moment`, a slice or none longer.
        func pulls(at moment: Int, slack: Int) -> Int {
            pulls.count { moment - $0 < window + slack }
        }
    }

    @Test(arguments: 0..<20)
    func `no window has more pulls than allowed, and none is refused a slice later than need be`(round: Int) throws {
        let seed = TestSeed.round(round)
        var generator = SeededGenerator(seed: seed)
        let window = Int.random(in: 1...100, using: &generator) * 600
        var naive = Naive(count: Int.random(in: 1...20, using: &generator), window: window)
        let limits = limits(Allowance(naive.count, per: .milliseconds(window)))
        var moment = 0
        var admitted = 0
        for _ in 0..<600 {
            let step = Int.random(in: 0...(window / naive.count), using: &generator)
            clock.pass(.milliseconds(step))
            moment += step
            let pull = try #require(limits.take(Self.someone))
            let comment: Comment = "TEST_SEED=\(TestSeed.run), round \(round), at \(moment)"
            if pull.refusal == nil {
                #expect(naive.pulls(at: moment, slack: 0) < naive.count, comment)
                admitted += 1
                naive.pulls.append(moment)
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    _ = limits.giveBack(pull)
                    naive.pulls.removeLast()
                }
            } else {
                #expect(naive.pulls(at: moment, slack: window / 60) >= naive.count, comment)
            }
        }
        #expect(admitted > naive.count)
    }

    @Test(arguments: 0..<20)
    func `who waits as long as was said may pull`(round: Int) throws {
        var generator = SeededGenerator(seed: TestSeed.round(round))
        let allowance = Allowance(Int.random(in: 1...9, using: &generator), per: .seconds(61 + round * 17))
        let limits = limits(allowance)
        var refusals = 0
        for _ in 0..<100 {
            clock.pass(.milliseconds(Int.random(in: 0...3000, using: &generator)))
            guard let refusal = try #require(limits.take(Self.someone)).refusal else { continue }
            refusals += 1
            clock.pass(.seconds(refusal.retryAfter))
            #expect(limits.take(Self.someone)?.refusal == nil, "TEST_SEED=\(TestSeed.run), round \(round)")
        }
        #expect(refusals > 0)
    }
}

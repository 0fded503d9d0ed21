import Limits
import Testing

@Suite struct RequestLimitsTests {
    typealias Party = RequestLimits.Party

    private let clock = ManualClock()

    private static func address(_ text: String) -> Party { .address(CountedAddress(text)) }

    private func limits(
        requests: Allowance? = nil,
        bytes: Allowance? = nil,
        entryCountMax: Int = 1000
    ) -> RequestLimits {
        let allowances = RequestLimits.Allowances(requests: requests, bytes: bytes)
        return RequestLimits(
            perAddress: allowances,
            perUser: allowances,
            perRepository: allowances,
            entryCountMax: entryCountMax,
            now: clock.now
        )
    }

    /// Who is limited, and the names of the limits of requests and of bytes.
    static let parties: [(Party, Limit, Limit)] = [
        (address("192.0.2.1"), .requestsPerAddress, .bytesPerAddress),
        (.user("user:alice"), .requestsPerUser, .bytesPerUser),
        (.repository("team/app"), .requestsPerRepository, .bytesPerRepository),
    ]

    @Test(arguments: parties)
    func `so many requests come at once, and then as they grow back`(party: Party, name: Limit, _: Limit) {
        let limits = limits(requests: Allowance(10, per: .seconds(20)))
        for _ in 0..<10 { #expect(limits.admit(party) == nil) }
        #expect(limits.admit(party) == LimitRefusal(name, retryAfter: 2))
        clock.pass(.milliseconds(1500))
        #expect(limits.admit(party) == LimitRefusal(name, retryAfter: 1))
        clock.pass(.milliseconds(500))
        #expect(limits.admit(party) == nil)
        #expect(limits.admit(party)?.retryAfter == 2)
        clock.pass(.seconds(3600))
        for _ in 0..<10 { #expect(limits.admit(party) == nil) }
        #expect(limits.admit(party)?.limit == name, "what is not used is not saved up")
    }

    @Test(arguments: [(1, 7, 7), (3, 10, 4), (100, 1, 1), (7, 86_400, 12_343)])
    func `who waits as long as was said comes in`(count: Int, seconds: Int, wait: Int) {
        let limits = limits(requests: Allowance(count, per: .seconds(seconds)))
        let party = Self.address("192.0.2.1")
        for _ in 0..<count { #expect(limits.admit(party) == nil) }
        for _ in 0..<50 {
            guard let refusal = limits.admit(party) else { continue }
            #expect(refusal.retryAfter <= wait)
            clock.pass(.seconds(refusal.retryAfter))
            #expect(limits.admit(party) == nil)
        }
    }

    @Test(arguments: parties)
    func `bytes are owed, and paid off by waiting`(party: Party, _: Limit, name: Limit) {
        let limits = limits(bytes: Allowance(1000, per: .seconds(10)))
        limits.charge(1000, to: party)
        #expect(limits.admit(party) == nil, "nothing is owed yet")
        limits.charge(5000, to: party)
        #expect(limits.admit(party) == LimitRefusal(name, retryAfter: 50))
        clock.pass(.seconds(49))
        #expect(limits.admit(party) == LimitRefusal(name, retryAfter: 1))
        clock.pass(.seconds(1))
        #expect(limits.admit(party) == nil)
    }

    @Test func `what was counted too much is taken back`() {
        let limits = limits(requests: Allowance(1, per: .seconds(60)), bytes: Allowance(1000, per: .seconds(10)))
        let party = Party.user("user:alice")
        #expect(limits.admit(party) == nil)
        limits.charge(9000, to: party)
        limits.charge(-8500, to: party)
        limits.giveBack(party)
        #expect(limits.admit(party) == nil)
        #expect(limits.admit(party)?.limit == .requestsPerUser)
    }

    @Test func `each party is counted for itself`() {
        let limits = limits(requests: Allowance(1, per: .seconds(60)))
        let parties = [
            Self.address("192.0.2.1"), Self.address("192.0.2.2"), Self.address("2001:db8::1"),
            Self.address("2001:db8:0:1::1"), .user("user:a"), .user("user:b"), .repository("user:a"),
        ]
        for party in parties { #expect(limits.admit(party) == nil) }
        for party in parties { #expect(limits.admit(party) != nil) }
        #expect(limits.admit(Self.address("2001:db8::2:2")) != nil, "a block of IPv6 is one client")
    }

    @Test func `strangers by the thousand displace nobody who has to wait`() {
        let limits = limits(requests: Allowance(2, per: .seconds(3600)), entryCountMax: 100)
        let parties = (0..<10).map { Self.address("192.0.2.\($0)") }
        for party in parties { for _ in 0..<3 { _ = limits.admit(party) } }
        for number in 0..<20_000 {
            #expect(limits.admit(Self.address("10.0.\(number / 250).\(number % 250)")) == nil)
        }
        for party in parties { #expect(limits.admit(party) != nil) }
    }

    @Test func `what is not limited is not counted`() {
        let limits = limits()
        #expect(limits.isOff && !limits.countsBytes && !limits.countsRepositories)
        limits.charge(.max, to: .user("user:alice"))
        for _ in 0..<10_000 { #expect(limits.admit(.user("user:alice")) == nil) }
    }
}

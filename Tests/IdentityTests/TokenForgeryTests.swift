import Testing

@testable import Identity

@Suite struct TokenForgeryTests {
    private func forger(_ house: House) async throws -> Forger {
        let text = String(
            decoding: try await house.token("alice", .repository("team/app", "pull")).bytes,
            as: UTF8.self
        )
        let key = try #require(house.directory.snapshot.keys.keys.first)
        let signed = try #require(house.directory.snapshot.keys.verified(Array(text.utf8)))
        return Forger(token: signed.token, text: text, key: key)
    }

    @Test(arguments: Forgery.form + Forgery.header + Forgery.signature + Forgery.claims)
    func `a forged token is refused, before and after the real one was seen`(forgery: Forgery) async throws {
        let house = try await House()
        let forger = try await forger(house)
        let forged = Secret(try forgery.make(forger))
        #expect(try await house.refuses { try await house.login(token: forged) })
        #expect(try await house.login(token: Secret(forger.text)).account == "alice")
        #expect(try await house.refuses { try await house.login(token: forged) })
    }

    @Test func `what the forger makes without a fault is let in, so that the faults are what is refused`() async throws
    {
        let house = try await House()
        let forger = try await forger(house)
        let same = try forger.sign(forger.header(), try forger.claims())
        #expect(try await house.login(token: Secret(same)).account == "alice")
        let more = try forger.sign(forger.header(), try forger.claims("more", as: #"{"a":[1]}"#))
        #expect(try await house.login(token: Secret(more)).account == "alice")
        let late = try forger.sign(forger.header(), try forger.claims { $0.expiresAt -= 599 })
        #expect(try await house.login(token: Secret(late)).account == "alice", "clocks may differ by minutes")
        let early = try forger.sign(forger.header(), try forger.claims { $0.notBefore += 300 })
        #expect(try await house.login(token: Secret(early)).account == "alice", "clocks may differ by minutes")
        let older = try forger.sign(forger.header(), try forger.claims { $0.notBefore = .min })
        #expect(try await house.login(token: Secret(older)).account == "alice")
    }

    @Test func `bytes that are no text are refused`() async throws {
        let house = try await House()
        for bytes in [[0xFF, 0xFE], [0x2E, 0x2E, 0x80], [UInt8](repeating: 0xCC, count: 100_000)] as [[UInt8]] {
            #expect(try await house.refuses { try await house.login(token: Secret(bytes)) })
        }
    }
}

import Access
import Metadata
import RegistryTesting
import Testing

@testable import Identity

@Suite struct CredentialUpkeepTests {
    private static let day = Duration.seconds(86_400)

    private static func upkeep(_ house: House) -> CredentialUpkeep {
        CredentialUpkeep(house.directory, warningTime: .seconds(14 * 86_400), keyLifetime: .seconds(30 * 86_400))
    }

    @Test func `a key is followed by another in time, and goes when nothing that it signed holds`() async throws {
        let house = try await House()
        let upkeep = Self.upkeep(house)
        let first = try #require(house.directory.snapshot.keys.keys.first?.id)
        #expect(try await upkeep.run(at: house.clock.now()).newKey == nil)
        house.clock.advance(by: .seconds(30 * 86_400))
        let second = try #require(try await upkeep.run(at: house.clock.now()).newKey)
        #expect(house.directory.snapshot.keys.keys.map(\.id) == [second, first])
        #expect(house.directory.snapshot.signingKeyID(at: house.clock.now()) == first, "others do not know it yet")
        let last = try await house.token()
        house.clock.advance(by: TokenKeys.noticeTime + .seconds(1))
        let new = try await house.token()
        #expect(try await upkeep.run(at: house.clock.now()).newKey == nil)
        #expect(try await house.login(token: last).account == "alice", "no pull is broken by it")
        house.clock.advance(by: .seconds(300 + 599))
        _ = try await upkeep.run(at: house.clock.now())
        #expect(house.directory.snapshot.keys.keys.map(\.id) == [second], "what it signed has ended, with clocks apart")
        #expect(try await house.refuses { try await house.login(token: last) })
        #expect(try await house.refuses { try await house.login(token: new) }, "it has ended too")
    }

    @Test func `what ends soon is told, and what has ended long ago is forgotten`() async throws {
        let house = try await House()
        let upkeep = Self.upkeep(house)
        let (_, soon) = try await house.handOut(.personal, to: "alice", for: .seconds(13 * 86_400))
        house.clock.advance(by: .seconds(1))
        _ = try await house.handOut(.personal, to: "alice", for: .seconds(15 * 86_400))
        house.clock.advance(by: .seconds(1))
        _ = try await house.handOut(.personal, to: "alice")
        #expect(try await upkeep.run(at: house.clock.now()).ending.map(\.id) == [soon])
        house.clock.advance(by: .seconds(16 * 86_400))
        #expect(try await upkeep.run(at: house.clock.now()).ending == [], "they have ended")
        let shown = try await house.facts.read { try $0.credentials(.personal, of: "alice", limit: 9).count }
        #expect(shown == 3, "what ended lately can still be seen")
        house.clock.advance(by: .seconds(10 * 86_400))
        #expect(try await upkeep.clear(at: house.clock.now()) == 2)
        let left = try await house.facts.read { try $0.credentials(.personal, of: "alice", limit: 9).count }
        #expect(left == 1, "the one without an end")
    }

    @Test func `when and from where a credential was used last is written down`() async throws {
        let house = try await House()
        let (secret, id) = try await house.handOut(.personal, to: "alice")
        let origin = Origin(address: "192.0.2.7")
        _ = try await house.authenticator.login(.basic(name: "alice", secret), from: origin)
        let moment = house.clock.now()
        #expect(try await house.facts.read { try $0.credential(id: id)?.lastUsedAt } == nil, "not with each request")
        _ = try await Self.upkeep(house).run(at: moment)
        let fact = try #require(try await house.facts.read { try $0.credential(id: id) })
        let used = try #require(fact.lastUsedAt)
        #expect(moment - .seconds(1) < used && used <= moment && fact.lastAddress == "192.0.2.7")
    }

    @Test func `a bearer whose credential ends soon is warned, and no other`() async throws {
        let house = try await House()
        let (secret, _) = try await house.handOut(.personal, to: "alice", for: .seconds(13 * 86_400))
        let login = try await house.login("alice", secret)
        #expect(house.authenticator.warning(to: login, within: .seconds(12 * 86_400)) == nil)
        let warning = try #require(house.authenticator.warning(to: login, within: .seconds(14 * 86_400)))
        #expect(warning.hasPrefix("the credential in use ends at "))
        let token = try await house.tokens.grant([], to: login).token
        let byToken = try await house.login(token: token)
        #expect(house.authenticator.warning(to: byToken, within: .seconds(14 * 86_400)) == warning)
        #expect(house.authenticator.warning(to: try await house.login("alice"), within: .seconds(99 * 86_400)) == nil)
    }

    @Test func `a token holds no longer than what it is made by`() async throws {
        let house = try await House()
        let (secret, _) = try await house.handOut(.personal, to: "alice", for: .seconds(100))
        let grant = try await house.tokens.grant([], to: try await house.login("alice", secret))
        #expect(grant.lifetime == 100)
    }

    @Test func `a hash from elsewhere is kept anew after a login, and no token ends by it`() async throws {
        let house = try await House()
        // As htpasswd -B writes it: the password is "password".
        let bcrypt = "$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe"
        #expect(StoredPassword(bcrypt)?.needsRenewal == true)
        _ = try await house.directory.change { try $0.setPassword(bcrypt, of: "alice") }
        let before = try #require(house.directory.snapshot.accounts["alice"]?.fact)
        _ = try await house.login("alice", Secret("password"))
        let after = try #require(house.directory.snapshot.accounts["alice"]?.fact)
        #expect(after.password?.hasPrefix("$scrypt$") == true && after.epoch == before.epoch)
        #expect(try await house.login("alice", Secret("password")).account == "alice")
        #expect(try await house.refuses { try await house.login("alice", Secret("other")) })
    }

    @Test func `failed logins that are over are forgotten`() async throws {
        let house = try await House()
        try await house.facts.write { (facts) throws in
            for (subject, hold) in [("over", Duration.zero), ("held", .seconds(600))] {
                let fact = LoginFailureFact(subject: subject, failures: 1, wait: .zero, hold: hold)
                try facts.putLoginFailures(fact)
            }
        }
        _ = try await Self.upkeep(house).run(at: house.clock.now())
        let table = try #require(FactTable.named("login_failure"))
        let rows = try await house.facts.read { try $0.rows(of: table, limit: 9) }
        #expect(rows.map(\.first) == [.text("held")])
    }
}

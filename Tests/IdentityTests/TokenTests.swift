import Access
import Crypto
import Foundation
import Metadata
import RegistryTesting
import Testing

@testable import Identity

@Suite struct TokenTests {
    private static let readOnly = #"[{"repo":"team/**","actions":["list","pull"]}]"#

    // MARK: Who a token is

    @Test func `a token is its account, limited to its scopes`() async throws {
        let house = try await House()
        let login = try await house.login(token: try await house.token("alice", .repository("team/app", "pull")))
        #expect(login.account == "alice" && login.isByToken && login.principal.description == "user:alice")
        #expect(try house.may(login, .pull, on: "team/app"))
        #expect(try !house.may(login, .push, on: "team/app"))
        #expect(try !house.may(login, .pull, on: "team/other"))
    }

    @Test func `a token without scopes may do nothing`() async throws {
        let house = try await House()
        let login = try await house.login(token: try await house.token())
        #expect(login.account == "alice")
        #expect(try Action.allCases.allSatisfy { try !house.may(login, $0, on: "team/app") })
    }

    @Test func `a grant names what is allowed of what was asked for`() async throws {
        let house = try await House()
        let asked = try [
            "repository:team/app:pull", "repository:team/app:push,pull", "repository:other/app:pull",
            "repository:TEAM:pull", "repository:team/app:fly", "registry:catalog:*", "registry:other:*", "x:y:z",
        ].map { try TokenScope($0) }
        let grant = try await house.tokens.grant(asked, to: try await house.login("alice"))
        #expect(grant.access.map(\.description) == ["repository:team/app:pull,push", "registry:catalog:*"])
        #expect(grant.lifetime == 300 && grant.refreshToken == nil)
        let nobody = try await house.tokens.grant(asked, to: .anonymous)
        #expect(nobody.access.map(\.description) == ["registry:catalog:*"])
        #expect(try await house.login(token: nobody.token).principal == .anonymous)
    }

    @Test func `what an account loses its tokens lose at once`() async throws {
        let house = try await House()
        let token = try await house.token("alice", .repository("team/app", "pull"))
        let grant = GrantFact(subject: "user:alice", role: "administrator", project: "team")
        #expect(try await house.directory.change { try $0.deleteGrant(grant) })
        let login = try await house.login(token: token)
        #expect(try !house.may(login, .pull, on: "team/app"))
    }

    // MARK: Several servers

    @Test func `an account that another server has made logs in here at once, and its password is the newest`()
        async throws
    {
        let house = try await House()
        let there = try await AccessDirectory.load(house.facts, now: { house.clock.now() })
        #expect(try await house.refuses { try await house.login("bob") })
        let hash = try PasswordHash(of: House.password, cost: .least).description
        let bob = AccountFact(name: "bob", kind: .user, password: hash, createdAt: house.clock.now())
        #expect(try await there.change { try $0.insertAccount(bob) })
        #expect(house.directory.snapshot.accounts["bob"] == nil, "here it is not known yet")
        #expect(try await house.login("bob").account == "bob")
        #expect(try await house.refuses { try await house.login("bob", Secret("something else")) })
    }

    // MARK: The end of a token

    @Test func `a token that was seen before ends at its time`() async throws {
        let house = try await House()
        let token = try await house.token()
        #expect(try await house.login(token: token).account == "alice")
        house.clock.advance(by: .seconds(599))
        #expect(try await house.login(token: token).account == "alice", "clocks may differ by minutes")
        house.clock.advance(by: .seconds(2))
        #expect(try await house.refuses { try await house.login(token: token) })
    }

    @Test func `a token that was seen before ends with the account`() async throws {
        let changes: [@Sendable (Facts) throws -> Bool] = [
            { try $0.setPassword(nil, of: "alice") },
            { try $0.setDisabled(since: Timestamp(microseconds: 0), "alice") },
            { try $0.setDisabled(since: nil, "alice") },
            { try $0.deleteAccount("alice") },
            { facts in
                let again = AccountFact(
                    name: "alice",
                    kind: .user,
                    password: nil,
                    createdAt: Timestamp(microseconds: 1_800_000_000_000_000)
                )
                return try facts.deleteAccount("alice") && facts.insertAccount(again)
            },
        ]
        for change in changes {
            let house = try await House()
            let token = try await house.token()
            #expect(try await house.login(token: token).account == "alice")
            #expect(try await house.directory.change(change))
            #expect(try await house.refuses { try await house.login(token: token) })
        }
    }

    @Test func `a token that was seen before ends with the key that signed it`() async throws {
        let house = try await House()
        let token = try await house.token()
        #expect(try await house.login(token: token).account == "alice")
        let old = try #require(house.directory.snapshot.keys.keys.first)
        house.clock.advance(by: .seconds(1))
        let new = TokenKeys.Key()
        let fact = SigningKeyFact(id: new.id, privateKey: new.bytes.bytes, createdAt: house.clock.now())
        try await house.directory.change { try $0.insertSigningKey(fact) }
        #expect(try await house.login(token: token).account == "alice", "the old key still verifies")
        #expect(house.directory.snapshot.signingKeyID(at: house.clock.now()) == old.id, "others may not know it yet")
        // A token says when it was made to the second.
        house.clock.advance(by: TokenKeys.noticeTime + .seconds(1))
        #expect(house.directory.snapshot.signingKeyID(at: house.clock.now()) == new.id, "the new one signs")
        let later = try await house.token()
        #expect(try await house.directory.change { try $0.deleteSigningKey(id: old.id) })
        #expect(try await house.refuses { try await house.login(token: token) })
        #expect(try await house.login(token: later).account == "alice")
    }

    @Test func `a login of before a change of the password gets no token after it`() async throws {
        let house = try await House()
        let login = try await house.login("alice")
        #expect(try await house.directory.change { try $0.setPassword(nil, of: "alice") })
        await #expect(throws: NotAuthenticated.self) { try await house.tokens.grant([], to: login) }
    }

    // MARK: A token of a token

    @Test func `a token gets no other token, however little it asks for`() async throws {
        let house = try await House()
        let scope = TokenScope.repository("team/app", "pull")
        let token = try await house.token("alice", scope)
        let login = try await house.login(token: token)
        for scopes in [[], [scope], [.repository("team/app", "*")]] as [[TokenScope]] {
            await #expect(throws: NotAuthenticated.self) { try await house.tokens.grant(scopes, to: login) }
        }
        let nobody = try await house.tokens.grant([], to: .anonymous).token
        let anonymous = try await house.login(token: nobody)
        await #expect(throws: NotAuthenticated.self) {
            try await house.tokens.grant([], to: anonymous, withRefreshToken: true)
        }
    }

    // MARK: Secrets that were handed out

    @Test func `a token made from a limited credential is limited as that is, also when it asks for everything`()
        async throws
    {
        let house = try await House()
        let (secret, id) = try await house.handOut(.personal, to: "alice", policies: Self.readOnly)
        let direct = try await house.login("alice", secret)
        let scope = TokenScope.repository("team/app", "*")
        let grant = try await house.tokens.grant([scope], to: direct, withRefreshToken: true)
        #expect(grant.refreshToken == nil, "what is taken back must not live on in another")
        let byToken = try await house.login(token: grant.token)
        for login in [direct, byToken] {
            #expect(login.credential == id)
            let allowed = try Action.allCases.filter { try house.may(login, $0, on: "team/app") }
            #expect(allowed == [.list, .pull])
            #expect(try !house.may(login, .pull, on: "team"))
        }
    }

    @Test func `a credential is for its own account, of its own kind, until its end`() async throws {
        let house = try await House()
        try await house.add("bob")
        let (secret, id) = try await house.handOut(.personal, to: "alice", for: .seconds(100))
        #expect(try await house.login("alice", secret).account == "alice")
        #expect(try await house.refuses { try await house.login("bob", secret) })
        #expect(try await house.refuses { try await house.login("nobody", secret) })
        #expect(try await house.refuses { try await house.login(token: secret) })
        #expect(try await house.refuses { try await house.login("alice", HandedOutSecret.random(.personal)) })
        let renamed = Secret(String(decoding: secret.bytes, as: UTF8.self).replacing("_pat_", with: "_robot_"))
        #expect(try await house.refuses { try await house.login("alice", renamed) })
        house.clock.advance(by: .seconds(100))
        #expect(try await house.refuses { try await house.login("alice", secret) })
        let (other, _) = try await house.handOut(.robot, to: "alice")
        let end = house.clock.now()
        #expect(try await house.directory.change { try $0.deleteCredential(id: id, refusingTokensUntil: end) })
        #expect(try await house.login("alice", other).account == "alice")
        #expect(try await house.directory.change { try $0.setDisabled(since: Timestamp(microseconds: 0), "alice") })
        #expect(try await house.refuses { try await house.login("alice", other) })
    }

    @Test func `a robot is no user, and has what a robot was given`() async throws {
        let house = try await House()
        try await house.add("builder", kind: .robot)
        let (secret, _) = try await house.handOut(.robot, to: "builder")
        let login = try await house.login("builder", secret)
        #expect(login.principal == Principal(kind: .robot, name: "builder"))
        try await house.directory.change {
            try $0.insertGrant(GrantFact(subject: "user:builder", role: "writer", project: nil))
        }
        #expect(try !house.may(login, .pull, on: "app"))
        try await house.directory.change {
            try $0.insertGrant(GrantFact(subject: "robot:builder", role: "reader", project: nil))
        }
        #expect(try house.may(login, .pull, on: "app"))
    }

    // MARK: Refresh tokens

    @Test func `a refresh token gets tokens until the password changes`() async throws {
        let house = try await House()
        let grant = try await house.tokens.grant([], to: try await house.login("alice"), withRefreshToken: true)
        let refresh = try #require(grant.refreshToken)
        let scope = TokenScope.repository("team/app", "pull")
        let login = try await house.tokens.login(refreshToken: refresh)
        let again = try await house.tokens.grant([scope], to: login, withRefreshToken: true)
        #expect(again.refreshToken == nil && again.access == [scope])
        #expect(try await house.login(token: again.token).account == "alice")
        house.clock.advance(by: .seconds(30 * 24 * 3600 - 10))
        #expect(try await house.tokens.login(refreshToken: refresh).account == "alice")
        let hash = try PasswordHash(of: Secret("battery staple"), cost: .least).description
        #expect(try await house.directory.change { try $0.setPassword(hash, of: "alice") })
        #expect(try await house.refuses { try await house.tokens.login(refreshToken: refresh) })
    }

    @Test func `a refresh token ends after thirty days`() async throws {
        let house = try await House()
        let grant = try await house.tokens.grant([], to: try await house.login("alice"), withRefreshToken: true)
        let refresh = try #require(grant.refreshToken)
        house.clock.advance(by: .seconds(30 * 24 * 3600 + 1))
        #expect(try await house.refuses { try await house.tokens.login(refreshToken: refresh) })
    }

    @Test func `a refresh token is good for nothing else, and nothing else for it`() async throws {
        let house = try await House()
        let grant = try await house.tokens.grant([], to: try await house.login("alice"), withRefreshToken: true)
        let refresh = try #require(grant.refreshToken)
        #expect(try await house.refuses { try await house.login("alice", refresh) })
        #expect(try await house.refuses { try await house.login(token: refresh) })
        let (personal, _) = try await house.handOut(.personal, to: "alice")
        for wrong in [personal, grant.token, House.password, HandedOutSecret.random(.refresh), Secret("")] {
            #expect(try await house.refuses { try await house.tokens.login(refreshToken: wrong) })
        }
        let nobody = try await house.tokens.grant([], to: .anonymous, withRefreshToken: true)
        #expect(nobody.refreshToken == nil)
    }

    // MARK: Passwords

    @Test func `a password is right for an account that is there and open`() async throws {
        let house = try await House()
        #expect(try await house.login("alice").isByToken == false)
        for name in ["ALICE", "alice ", "", "nobody", "alice\u{0}"] {
            #expect(try await house.refuses { try await house.login(name) }, "\(name)")
        }
        #expect(try await house.refuses { try await house.login("alice", Secret("wrong")) })
        #expect(try await house.directory.change { try $0.setDisabled(since: Timestamp(microseconds: 0), "alice") })
        #expect(try await house.refuses { try await house.login("alice") }, "though it was right a moment ago")
        #expect(try await house.directory.change { try $0.setDisabled(since: nil, "alice") })
        #expect(try await house.login("alice").account == "alice")
    }

    @Test func `why somebody was refused is the same sentence for a wrong name and a wrong password`() async throws {
        let house = try await House()
        func reason(_ name: String) async -> String? {
            do {
                _ = try await house.login(name, Secret("wrong"))
                return nil
            } catch {
                return (error as? NotAuthenticated)?.reason
            }
        }
        #expect(await reason("alice") == "wrong name or password")
        #expect(await reason("nobody") == "wrong name or password")
    }

    // MARK: Keys

    @Test func `the public keys verify a token, and have nothing that signs one`() async throws {
        let house = try await House()
        let set = try JSONDecoder().decode(KeySet.self, from: Data(house.tokens.publicKeySet.utf8))
        let key = try #require(house.directory.snapshot.keys.keys.first)
        #expect(set.keys.map(\.kid) == [key.id])
        #expect(set.keys.allSatisfy { $0.kty == "EC" && $0.crv == "P-256" && $0.alg == "ES256" })
        let point = try #require(Base64.decodeFromURL(set.keys[0].x)) + #require(Base64.decodeFromURL(set.keys[0].y))
        #expect(point == Array(key.privateKey.publicKey.rawRepresentation))
        #expect(!house.tokens.publicKeySet.contains("\"d\""))
        #expect(!house.tokens.publicKeySet.contains(Base64.encodeForURL(key.bytes.bytes)))
    }

    private struct KeySet: Decodable {
        struct Key: Decodable {
            var kty, crv, alg, kid, x, y: String
        }
        var keys: [Key]
    }
}

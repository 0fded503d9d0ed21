import Access
import AdminModel
import Administration
import Identity
import Metadata
import RegistryTesting
import Testing

/// What ends when something is changed or taken back.
@Suite("What ends")
struct EndTests {
    @Test("with a password are bearer tokens and sessions, at once; personal tokens stay")
    func password() async throws {
        let office = try await TestAdministration()
        let login = try await office.login("bob")
        let grant = try await office.tokens.grant([], to: login, withRefreshToken: true)
        let session = try #require(grant.refreshToken)
        let personal = try await office.management(login).create(NewToken()).secret
        let byPersonal = try await office.tokens.grant([], to: try await office.login("bob", personal)).token
        #expect(try await office.management(login).sessions(of: nil, after: nil, limit: 10).items.count == 1)
        let change = PasswordChange(password: "another one", currentPassword: TestAdministration.password)
        _ = try await office.management(login).setPassword(of: "bob", change)
        await #expect(throws: NotAuthenticated.self) { try await office.login("bob") }
        await #expect(throws: NotAuthenticated.self) { try await office.login(token: grant.token) }
        await #expect(throws: NotAuthenticated.self) { try await office.login(token: byPersonal) }
        await #expect(throws: NotAuthenticated.self) { try await office.tokens.login(refreshToken: session) }
        let new = try await office.login("bob", "another one")
        #expect(try await office.management(new).sessions(of: nil, after: nil, limit: 10).items.isEmpty)
        _ = try await office.login("bob", personal)
    }

    @Test("with a personal token that is taken back is what it made, at the next request")
    func token() async throws {
        let office = try await TestAdministration()
        let made = try await office.management("bob").create(NewToken())
        let token = try await office.tokens.grant([], to: try await office.login("bob", made.secret)).token
        let other = try await office.tokens.grant([], to: try await office.login("bob")).token
        try await office.management("bob").deleteToken(made.token.id)
        await #expect(throws: NotAuthenticated.self) { try await office.login("bob", made.secret) }
        await #expect(throws: NotAuthenticated.self) { try await office.login(token: token) }
        _ = try await office.login(token: other)
    }

    @Test("with a session is what it made")
    func session() async throws {
        let office = try await TestAdministration()
        let login = try await office.login("bob")
        let refresh = try #require(try await office.tokens.grant([], to: login, withRefreshToken: true).refreshToken)
        let token = try await office.tokens.grant([], to: try await office.tokens.login(refreshToken: refresh)).token
        let bob = office.management(login)
        let id = try #require(try await bob.sessions(of: nil, after: nil, limit: 10).items.first).id
        let alice = try await office.management("alice")
        await #expect(throws: Problem.self) { try await alice.deleteSession(id) }
        try await bob.deleteSession(id)
        await #expect(throws: NotAuthenticated.self) { try await office.login(token: token) }
        await #expect(throws: NotAuthenticated.self) { try await office.tokens.login(refreshToken: refresh) }
    }

    @Test("of a user's own password is only with the password of now, and with the login by it")
    func ownPassword() async throws {
        let office = try await TestAdministration()
        let bob = try await office.management("bob")
        for change in [
            PasswordChange(password: "another one"),
            PasswordChange(password: "another one", currentPassword: "a wrong one"),
        ] {
            let problem = await #expect(throws: Problem.self) { try await bob.setPassword(of: "bob", change) }
            #expect(problem?.code == .denied)
        }
        let secret = try await bob.create(NewToken()).secret
        let byToken = office.management(try await office.login("bob", secret))
        let right = PasswordChange(password: "another one", currentPassword: TestAdministration.password)
        await #expect(throws: Problem.self) { try await byToken.setPassword(of: "bob", right) }
        _ = try await bob.setPassword(of: "bob", right)
    }

    @Test("with an account is everything that it was given, also for a later one of its name")
    func account() async throws {
        let office = try await TestAdministration()
        let login = try await office.login("bob")
        let personal = try await office.management(login).create(NewToken()).secret
        let bearer = try await office.tokens.grant([], to: login).token
        _ = try await office.local.setMember("user:bob", of: nil, MemberRoles(roles: ["administrator"]))
        _ = try await office.local.setGroup("staff", GroupMembers(members: ["bob"]))
        try await office.local.deleteUser("bob")
        _ = try await office.local.create(NewUser(name: "bob", password: TestAdministration.password))
        for secret in [personal] {
            await #expect(throws: NotAuthenticated.self) { try await office.login("bob", secret) }
        }
        await #expect(throws: NotAuthenticated.self) { try await office.login(token: bearer) }
        let caller = try await office.management("bob").caller()
        #expect(caller == Caller(principal: "user:bob"))
    }

    @Test("is what a token bound to addresses may do elsewhere, and what it made there")
    func addresses() async throws {
        let office = try await TestAdministration()
        let new = NewToken(addresses: ["10.0.0.0/8", "fd00::/8"])
        let secret = try await office.management("bob").create(new).secret
        let login = try await office.login("bob", secret, from: "10.1.2.3")
        _ = try await office.login("bob", secret, from: "fd00::1")
        let token = try await office.tokens.grant([], to: login).token
        _ = try await office.login(token: token, from: "10.9.9.9")
        for address in ["127.0.0.1", "11.0.0.1", "fe80::1", "", "nonsense"] {
            await #expect(throws: NotAuthenticated.self) { try await office.login("bob", secret, from: address) }
            await #expect(throws: NotAuthenticated.self) { try await office.login(token: token, from: address) }
        }
    }

    @Test("is what a project's list of addresses leaves out, also for who manages it")
    func projectAddresses() async throws {
        let office = try await TestAdministration()
        _ = try await office.local.setProject("team", ProjectChange(addresses: ["10.0.0.0/8"]))
        let inside = office.management(try await office.login("alice", from: "10.0.0.1"))
        let outside = office.management(try await office.login("alice", from: "192.0.2.1"))
        #expect(try await inside.project("team").addresses == ["10.0.0.0/8"])
        await #expect(throws: Problem.self) { try await outside.project("team") }
        await #expect(throws: Refused.self) { try await outside.setProject("team", ProjectChange()) }
        #expect(try await outside.explain("user:alice", "pull", on: "team/app").isAllowed == false)
        #expect(try await inside.explain("user:alice", "pull", on: "team/app").isAllowed)
        #expect(try await inside.caller().managedProjects == ["team"])
        #expect(try await outside.caller().managedProjects == [])
    }
}

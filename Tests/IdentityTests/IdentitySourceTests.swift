import Access
import Metadata
import RegistryTesting
import Testing

@testable import Identity

/// Accounts may be known elsewhere: policy does not ask where.
@Suite struct IdentitySourceTests {
    /// A source that knows one password for all names, and puts everybody into a group.
    private struct Elsewhere: IdentitySource {
        let name = "elsewhere"

        func identity(of name: String, _ password: Secret) async throws -> SourceIdentity? {
            guard password == Secret("known elsewhere") else { return nil }
            return SourceIdentity(subject: "uid=\(name)", groups: ["elsewhere:staff"])
        }
    }

    private static func authenticator(_ house: House) -> Authenticator {
        Authenticator(
            service: "wharf",
            directory: house.directory,
            passwords: PasswordChecker(cost: .least),
            sources: [Elsewhere()],
            now: { house.clock.now() }
        )
    }

    @Test func `who is linked to an account has it, with the groups of both`() async throws {
        let house = try await House()
        try await house.directory.change { facts in
            try facts.setLink(source: "elsewhere", subject: "uid=a.lice", account: "alice")
            _ = try facts.insertGroup(GroupFact(name: "here", createdAt: house.clock.now()))
            try facts.insertMember("alice", of: "here")
        }
        let authenticator = Self.authenticator(house)
        let login = try await authenticator.login(.basic(name: "a.lice", Secret("known elsewhere")))
        #expect(login.account == "alice")
        #expect(login.principal.groups == ["here", "elsewhere:staff"])
        let grant = try await TokenService(authenticator).grant([], to: login)
        let byToken = try await authenticator.login(.bearer(grant.token))
        #expect(byToken.principal.groups == ["here", "elsewhere:staff"], "a token keeps what the source said")
        let local = try await authenticator.login(.basic(name: "alice", House.password))
        #expect(local.principal.groups == ["here"], "the password of this registry is asked for first")
    }

    @Test func `who is linked to no account, or to a closed one, does not come in`() async throws {
        let house = try await House()
        let authenticator = Self.authenticator(house)
        let credentials = Credentials.basic(name: "alice", Secret("known elsewhere"))
        #expect(try await house.refuses { try await authenticator.login(credentials) }, "a name alone is no link")
        try await house.directory.change { try $0.setLink(source: "another", subject: "uid=alice", account: "alice") }
        #expect(try await house.refuses { try await authenticator.login(credentials) }, "nor one of another source")
        try await house.directory.change { try $0.setLink(source: "elsewhere", subject: "uid=alice", account: "alice") }
        #expect(try await authenticator.login(credentials).account == "alice")
        let end = house.clock.now()
        _ = try await house.directory.change { try $0.setDisabled(since: end, "alice") }
        #expect(try await house.refuses { try await authenticator.login(credentials) })
    }

    @Test func `a link goes with its account`() async throws {
        let house = try await House()
        try await house.directory.change { facts in
            try facts.setLink(source: "elsewhere", subject: "uid=alice", account: "alice")
            _ = try facts.deleteAccount("alice")
        }
        try await house.add("alice")
        let credentials = Credentials.basic(name: "alice", Secret("known elsewhere"))
        let authenticator = Self.authenticator(house)
        #expect(try await house.refuses { try await authenticator.login(credentials) })
    }
}

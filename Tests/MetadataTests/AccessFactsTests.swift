import Metadata
import Testing

@Suite(.everyEngine) struct AccessFactsTests {
    private static func account(_ name: String, _ kind: AccountFact.Kind = .user) -> AccountFact {
        AccountFact(name: name, kind: kind, password: "hash of \(name)", createdAt: Fixture.now)
    }

    private static func grant(_ subject: String, _ role: String = "reader", in project: String? = nil) -> GrantFact {
        GrantFact(subject: subject, role: role, project: project)
    }

    private func grants(_ fixture: Fixture) async throws -> [GrantFact] {
        try await fixture.facts.read { try $0.grants() }
    }

    // MARK: Accounts

    @Test func `accounts are listed bytewise, as they were made`() async throws {
        let fixture = try await Fixture()
        var closed = Self.account("Zoe")
        (closed.password, closed.disabledAt, closed.epoch) = (nil, Fixture.later, 7)
        let made = [Self.account("bob"), Self.account("alice"), closed, Self.account("builder", .robot)]
        try await fixture.facts.write { (facts) throws in
            for account in made { #expect(try facts.insertAccount(account)) }
        }
        let found = try await fixture.facts.read { try $0.accounts() }
        #expect(found == [closed, made[1], made[0], made[3]])
        #expect(found[1].epoch == Fixture.now.microseconds)
    }

    @Test func `a name is taken once, and who has it stays as they are`() async throws {
        let fixture = try await Fixture()
        let again = AccountFact(name: "alice", kind: .robot, password: nil, createdAt: Fixture.later)
        #expect(try await fixture.facts.write { try $0.insertAccount(Self.account("alice")) })
        #expect(try await fixture.facts.write { try $0.insertAccount(again) } == false)
        #expect(try await fixture.facts.read { try $0.accounts() } == [Self.account("alice")])
    }

    @Test func `a changed password and a closed account are of another epoch, and of that account alone`() async throws
    {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            for name in ["alice", "bob"] { _ = try facts.insertAccount(Self.account(name)) }
            #expect(try facts.setPassword("other", of: "alice"))
            #expect(try facts.setDisabled(since: Fixture.later, "alice"))
            #expect(try !facts.setPassword("other", of: "nobody"))
            #expect(try !facts.setDisabled(since: Fixture.later, "nobody"))
        }
        var alice = Self.account("alice")
        (alice.password, alice.disabledAt, alice.epoch) = ("other", Fixture.later, alice.epoch + 2)
        #expect(try await fixture.facts.read { try $0.accounts() } == [alice, Self.account("bob")])
        try await fixture.facts.write { (facts) throws in
            #expect(try facts.setPassword(nil, of: "alice"))
            #expect(try facts.setDisabled(since: nil, "alice"))
        }
        (alice.password, alice.disabledAt, alice.epoch) = (nil, nil, alice.epoch + 2)
        #expect(try await fixture.facts.read { try $0.accounts().first } == alice)
    }

    @Test func `with an account go its credentials, its groups and its roles, and those of nobody else`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            for name in ["alice", "bob"] {
                _ = try facts.insertAccount(Self.account(name))
                try facts.insertMember(name, of: "builders")
                try facts.insertCredential(CredentialFactsTests.credential(name, of: name))
                try facts.insertGrant(Self.grant("user:\(name)"))
                try facts.insertGrant(Self.grant("robot:\(name)", "writer", in: "team"))
            }
            try facts.insertGrant(Self.grant("group:alice"))
            #expect(try facts.deleteAccount("alice"))
            #expect(try !facts.deleteAccount("alice"))
        }
        try await fixture.facts.read { (facts) throws in
            #expect(try facts.accounts().map(\.name) == ["bob"])
            #expect(try facts.groupMembers().map(\.account) == ["bob"])
            #expect(try facts.credentials(.personal, of: "alice", limit: 9) == [])
            #expect(try facts.credential(hash: "hash of alice") == nil)
            #expect(try facts.credentials(.personal, of: "bob", limit: 9).count == 1)
            #expect(try facts.grants().map(\.subject) == ["group:alice", "robot:bob", "user:bob"])
        }
    }

    // MARK: Groups

    @Test func `groups have members, each once`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            for name in ["alice", "bob"] { _ = try facts.insertAccount(Self.account(name)) }
            for _ in 0..<2 { try facts.insertMember("bob", of: "builders") }
            try facts.insertMember("alice", of: "builders")
            try facts.insertMember("alice", of: "admins")
        }
        let members = { try await fixture.facts.read { try $0.groupMembers() }.map { "\($0.group) \($0.account)" } }
        #expect(try await members() == ["admins alice", "builders alice", "builders bob"])
        try await fixture.facts.write { (facts) throws in
            #expect(try facts.deleteMember("alice", of: "builders"))
            #expect(try !facts.deleteMember("alice", of: "builders"))
            #expect(try !facts.deleteMember("bob", of: "admins"))
        }
        #expect(try await members() == ["admins alice", "builders bob"])
    }

    @Test func `nobody who is not there is in a group`() async throws {
        let fixture = try await Fixture()
        let error = try await metadataError {
            try await fixture.facts.write { try $0.insertMember("nobody", of: "builders") }
        }
        #expect(error?.code == .constraint)
    }

    // MARK: Projects and roles

    @Test func `a project keeps the moment it was made when it becomes public`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: Fixture.now))
            try facts.setProject(ProjectFact(name: "open", isPublic: false, createdAt: Fixture.now))
            try facts.setProject(ProjectFact(name: "open", isPublic: true, createdAt: Fixture.later))
        }
        #expect(
            try await fixture.facts.read { try $0.projects() } == [
                ProjectFact(name: "open", isPublic: true, createdAt: Fixture.now),
                ProjectFact(name: "team", isPublic: false, createdAt: Fixture.now),
            ]
        )
    }

    @Test func `with a project go the grants in it, and its repositories stay`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: Fixture.now))
            for project in ["team", "team2", nil] { try facts.insertGrant(Self.grant("user:alice", in: project)) }
            #expect(try facts.deleteProject("team"))
            #expect(try !facts.deleteProject("team"))
        }
        #expect(try await fixture.facts.read { try $0.projects() } == [])
        #expect(try await grants(fixture).map(\.project) == [nil, "team2"])
        #expect(try await fixture.facts.read { try $0.repository(fixture.name) } == fixture.repository)
    }

    @Test func `a project without a name is none, and takes no grant that is held everywhere`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { try $0.insertGrant(Self.grant("user:alice")) }
        let made = try await metadataError {
            let project = ProjectFact(name: "", isPublic: true, createdAt: Fixture.now)
            try await fixture.facts.write { try $0.setProject(project) }
        }
        #expect(made?.code == .constraint)
        let given = try await metadataError {
            try await fixture.facts.write { try $0.insertGrant(Self.grant("user:bob", in: "")) }
        }
        #expect(given?.code == .constraint)
        #expect(try await fixture.facts.write { try $0.deleteProject("") } == false)
        #expect(try await grants(fixture) == [Self.grant("user:alice")])
    }

    @Test func `a role has the policies that it was last given`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            try facts.setRole(RoleFact(name: "eraser", policies: "old"))
            try facts.setRole(RoleFact(name: "builder", policies: "[]"))
            try facts.setRole(RoleFact(name: "eraser", policies: "new"))
        }
        let found = try await fixture.facts.read { try $0.roles() }
        #expect(found == [RoleFact(name: "builder", policies: "[]"), RoleFact(name: "eraser", policies: "new")])
    }

    @Test func `with a role it goes from all who have it`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            try facts.setRole(RoleFact(name: "eraser", policies: "[]"))
            try facts.insertGrant(Self.grant("user:alice", "eraser"))
            try facts.insertGrant(Self.grant("user:alice", "eraser", in: "team"))
            try facts.insertGrant(Self.grant("user:alice", "reader"))
            #expect(try facts.deleteRole("eraser"))
            #expect(try !facts.deleteRole("eraser"))
        }
        #expect(try await fixture.facts.read { try $0.roles() } == [])
        #expect(try await grants(fixture) == [Self.grant("user:alice")])
    }

    @Test func `a role is held once in a place, and taken from that place alone`() async throws {
        let fixture = try await Fixture()
        let (everywhere, there) = (Self.grant("user:alice"), Self.grant("user:alice", in: "team"))
        try await fixture.facts.write { (facts) throws in
            for grant in [there, everywhere, there, everywhere] { try facts.insertGrant(grant) }
        }
        #expect(try await grants(fixture) == [everywhere, there])
        #expect(try await fixture.facts.write { try $0.deleteGrant(everywhere) })
        #expect(try await fixture.facts.write { try $0.deleteGrant(everywhere) } == false)
        #expect(try await grants(fixture) == [there])
    }

    // MARK: The version

    @Test func `the version grows when it is told to, with the transaction or not at all`() async throws {
        struct Refused: Error {}
        let fixture = try await Fixture()
        let version = { try await fixture.facts.read { try $0.accessVersion() } }
        let before = try await version()
        try await fixture.facts.write { try $0.growAccessVersion() }
        #expect(try await version() == before + 1)
        await #expect(throws: Refused.self) {
            try await fixture.facts.write { (facts) throws in
                try facts.growAccessVersion()
                throw Refused()
            }
        }
        #expect(try await version() == before + 1)
    }
}

import Access
import Metadata
import OCI
import RegistryTesting
import Testing

@testable import Identity

@Suite struct AccessDirectoryTests {
    private static let now = Timestamp(microseconds: 1_700_000_000_000_000)

    private func withFacts(_ body: (FactStore) async throws -> Void) async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let engine = try await TestDatabase.current.open(in: folder)
        let facts = FactStore(engine: engine)
        try await facts.migrate()
        try await body(facts)
        try await engine.close()
    }

    private func load(_ facts: FactStore) async throws -> AccessDirectory {
        try await AccessDirectory.load(facts, now: { Self.now })
    }

    private func ids(_ directory: AccessDirectory) -> [String] {
        directory.snapshot.keys.keys.map(\.id)
    }

    @Test func `the first load makes a key, and later ones find it`() async throws {
        try await withFacts { facts in
            let first = try await load(facts)
            #expect(ids(first).count == 1)
            #expect(ids(try await load(facts)) == ids(first))
            #expect(try await facts.read { try $0.signingKeys() }.map(\.id) == ids(first))
        }
    }

    @Test func `many loads at once agree on the key`() async throws {
        try await withFacts { facts in
            let found = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 { group.addTask { ids(try await load(facts)) } }
                return try await group.reduce(into: [[String]]()) { $0.append($1) }
            }
            #expect(Set(found).count == 1 && found[0].count == 1)
        }
    }

    @Test func `what is changed is so when the change returns`() async throws {
        try await withFacts { facts in
            let directory = try await load(facts)
            let account = AccountFact(name: "alice", kind: .user, password: nil, createdAt: Self.now)
            #expect(try await directory.change { try $0.insertAccount(account) })
            #expect(try await directory.change { try $0.insertAccount(account) } == false)
            try await directory.change { facts in
                try facts.insertMember("alice", of: "builders")
                try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: Self.now))
                try facts.setRole(RoleFact(name: "eraser", policies: #"[{"repo":"*","actions":["delete"]}]"#))
                try facts.insertGrant(GrantFact(subject: "group:builders", role: "eraser", project: "team"))
            }
            let snapshot = directory.snapshot
            #expect(snapshot.accounts["alice"]?.fact == account)
            #expect(snapshot.accounts["alice"]?.groups == ["builders"])
            let alice = Principal(kind: .user, name: "alice", groups: ["builders"])
            #expect(snapshot.rules.decide(alice, .delete, on: try RepositoryName("team/app")).isAllowed)
            #expect(!snapshot.rules.decide(alice, .delete, on: try RepositoryName("other/app")).isAllowed)
        }
    }

    @Test func `a change that fails changes nothing`() async throws {
        struct Refused: Error {}
        try await withFacts { facts in
            let directory = try await load(facts)
            let account = AccountFact(name: "alice", kind: .user, password: nil, createdAt: Self.now)
            await #expect(throws: Refused.self) {
                try await directory.change { facts in
                    _ = try facts.insertAccount(account)
                    throw Refused()
                }
            }
            try await directory.refresh()
            #expect(directory.snapshot.accounts.isEmpty)
        }
    }

    @Test func `a refresh sees what another server has changed`() async throws {
        try await withFacts { facts in
            let (here, there) = (try await load(facts), try await load(facts))
            let account = AccountFact(name: "alice", kind: .user, password: nil, createdAt: Self.now)
            #expect(try await there.change { try $0.insertAccount(account) })
            #expect(here.snapshot.accounts.isEmpty)
            try await here.refresh()
            #expect(here.snapshot.accounts["alice"]?.fact == account)
            #expect(try await there.change { try $0.deleteAccount("alice") })
            try await here.refresh()
            #expect(here.snapshot.accounts.isEmpty)
        }
    }

    @Test func `changes at once are all seen by those who made them`() async throws {
        try await withFacts { facts in
            let directories = [try await load(facts), try await load(facts)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let directory = directories[number % 2]
                        let account = AccountFact(name: "a\(number)", kind: .robot, password: nil, createdAt: Self.now)
                        _ = try await directory.change { try $0.insertAccount(account) }
                        #expect(directory.snapshot.accounts["a\(number)"] != nil)
                    }
                }
                try await group.waitForAll()
            }
            for directory in directories {
                try await directory.refresh()
                #expect(directory.snapshot.accounts.count == 40)
            }
        }
    }

    @Test func `a role whose text is damaged stops the load, and gives nobody anything`() async throws {
        try await withFacts { facts in
            try await facts.write { try $0.setRole(RoleFact(name: "odd", policies: "nonsense")) }
            await #expect(throws: PolicyText.Problem.self) { try await load(facts) }
        }
    }

    // MARK: The first administrator

    @Test func `the first administrator may do everything with the password that was shown`() async throws {
        try await withFacts { facts in
            let directory = try await load(facts)
            let password = try #require(try await FirstAdministrator.make(in: directory, now: { Self.now }))
            #expect(password.bytes.count == 24)
            let authenticator = Authenticator(
                service: "wharf",
                directory: directory,
                passwords: PasswordChecker(cost: .least),
                now: { Self.now }
            )
            let login = try await authenticator.login(.basic(name: "admin", password))
            let rules = directory.snapshot.rules
            for action in Action.allCases {
                #expect(rules.decide(login.principal, action, on: try RepositoryName("any/thing")).isAllowed)
            }
            #expect(try await FirstAdministrator.make(in: directory, now: { Self.now }) == nil)
        }
    }

    @Test func `where there is an account already no administrator is made`() async throws {
        try await withFacts { facts in
            let directory = try await load(facts)
            let account = AccountFact(name: "alice", kind: .user, password: nil, createdAt: Self.now)
            #expect(try await directory.change { try $0.insertAccount(account) })
            #expect(try await FirstAdministrator.make(in: directory, now: { Self.now }) == nil)
            #expect(directory.snapshot.accounts.keys.sorted() == ["alice"])
        }
    }

    @Test func `a password that was chosen is taken and not shown, unless it is short`() async throws {
        try await withFacts { facts in
            let directory = try await load(facts)
            await #expect(throws: FirstAdministrator.ShortPassword.self) {
                try await FirstAdministrator.make(in: directory, now: { Self.now }) { Secret("1234567") }
            }
            #expect(directory.snapshot.accounts.isEmpty)
            let shown = try await FirstAdministrator.make(in: directory, now: { Self.now }) { Secret("12345678") }
            #expect(shown == nil)
            let stored = try #require(directory.snapshot.accounts["admin"]?.fact.password)
            #expect(try #require(PasswordHash(stored)).isOf(Secret("12345678")))
            _ = try await FirstAdministrator.make(in: directory, now: { Self.now }) {
                Issue.record("there is an administrator: nobody need be asked")
                return nil
            }
        }
    }

    @Test func `of two servers that start at once one makes the administrator, and one password is right`()
        async throws
    {
        try await withFacts { facts in
            let directories = [try await load(facts), try await load(facts)]
            let passwords = try await withThrowingTaskGroup(of: Secret?.self) { group in
                for directory in directories {
                    group.addTask { try await FirstAdministrator.make(in: directory, now: { Self.now }) }
                }
                return try await group.reduce(into: [Secret]()) { made, password in
                    if let password { made.append(password) }
                }
            }
            #expect(passwords.count == 1)
            for directory in directories {
                let stored = directory.snapshot.accounts["admin"]?.fact.password
                #expect(try PasswordHash(try #require(stored))?.isOf(try #require(passwords.first)) == true)
            }
        }
    }
}

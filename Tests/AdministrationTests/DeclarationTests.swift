import Access
import AdminModel
import Administration
import Identity
import Metadata
import OCI
import RegistryTesting
import Selectors
import Testing

/// Everything at once: all or nothing, and told first.
@Suite("A declaration")
struct DeclarationTests {
    private static let full = Declaration(
        roles: [DeclaredRole(name: "developer", policies: [AdminModel.Policy(repo: "team/*", actions: ["pull"])])],
        users: [DeclaredUser(name: "carol", description: "of the staff")],
        groups: [DeclaredGroup(name: "staff", members: ["carol", "team+ci"])],
        projects: [
            DeclaredProject(
                name: "web",
                isPublic: true,
                addresses: ["10.0.0.0/8"],
                members: [Member(subject: "group:staff", roles: ["writer"])],
                tagRules: [
                    DeclaredTagRule(name: "all", kind: .immutable),
                    DeclaredTagRule(
                        name: "prod",
                        kind: .protected,
                        repositories: NamePatterns(exclude: ["web/tmp/**"]),
                        tags: NamePatterns(include: ["prod", "semver:>=1.0.0 <2.0.0", "/a|b/"]),
                        roles: ["developer", "maintainer"]
                    ),
                ],
                quota: QuotaChange(bytes: 1 << 30, tags: 10, warnPercent: 90, trash: .free)
            )
        ],
        robots: [DeclaredRobot(name: "team+ci", description: "builds")],
        members: [Member(subject: "user:carol", roles: ["developer"])]
    )

    @Test("tells on a dry run what it then does, and changes nothing before")
    func dryRun() async throws {
        let office = try await TestAdministration()
        let before = try await office.local.declaration()
        let trial = try await office.local.apply(Self.full, isDryRun: true)
        #expect(trial.isDryRun && trial.changes.count == 9)
        #expect(try await office.local.declaration() == before)
        #expect(try await office.audit().isEmpty)
        let done = try await office.local.apply(Self.full, isDryRun: false)
        #expect(done.changes == trial.changes)
        #expect(try await office.local.apply(Self.full, isDryRun: false).changes.isEmpty)
    }

    @Test("is read back as it was brought in, and brings in itself without a change")
    func readBack() async throws {
        let office = try await TestAdministration()
        _ = try await office.local.apply(Self.full, isDryRun: false)
        let declared = try await office.local.declaration()
        #expect(declared.roles == Self.full.roles)
        #expect(declared.groups == Self.full.groups)
        #expect(declared.projects?.first { $0.name == "web" } == Self.full.projects?.first)
        #expect(try await office.local.apply(declared, isDryRun: true).changes.isEmpty)
        let other = try await TestAdministration()
        _ = try await other.local.apply(declared, isDryRun: false)
        #expect(try await other.local.declaration() == declared)
    }

    @Test(
        "is done whole or not at all",
        arguments: [
            Member(subject: "user:none", roles: ["reader"]), Member(subject: "user:bob", roles: ["none"]),
            Member(subject: "nonsense", roles: []),
        ]
    )
    func atomic(_ wrong: Member) async throws {
        let office = try await TestAdministration()
        let before = try await office.local.declaration()
        var declaration = Self.full
        declaration.members?.append(wrong)
        for isDryRun in [true, false] {
            await #expect(throws: Problem.self) { try await office.local.apply(declaration, isDryRun: isDryRun) }
            #expect(try await office.local.declaration() == before)
        }
        #expect(try await office.audit().isEmpty)
    }

    @Test("leaves what it does not name as it is")
    func unnamed() async throws {
        let office = try await TestAdministration()
        _ = try await office.local.apply(Self.full, isDryRun: false)
        let before = try await office.local.declaration()
        let part = Declaration(users: [DeclaredUser(name: "bob", isDisabled: true)])
        let changes = try await office.local.apply(part, isDryRun: false).changes
        #expect(
            changes == [
                DeclarationChange(
                    .change,
                    "user",
                    "bob",
                    fields: [FieldChange("isDisabled", from: "false", to: "true")]
                )
            ]
        )
        var expected = before
        expected.users = before.users?.map { user in
            var user = user
            if user.name == "bob" { user.isDisabled = true }
            return user
        }
        #expect(try await office.local.declaration() == expected)
        await #expect(throws: NotAuthenticated.self) { try await office.login("bob") }
    }

    @Test("names nothing twice, and no built-in role with other policies")
    func refused() async throws {
        let office = try await TestAdministration()
        let twice = Declaration(users: [DeclaredUser(name: "x"), DeclaredUser(name: "x")])
        await #expect(throws: Problem.self) { try await office.local.apply(twice, isDryRun: false) }
        let reader = Declaration(roles: [DeclaredRole(name: "reader", policies: [])])
        await #expect(throws: Problem.self) { try await office.local.apply(reader, isDryRun: false) }
        let same = try await office.local.role("reader")
        let kept = Declaration(roles: [DeclaredRole(name: same.name, policies: same.policies)])
        #expect(try await office.local.apply(kept, isDryRun: false).changes.isEmpty)
    }

    // MARK: What is told of it

    @Test("and every other change is in the audit, in the same transaction, with who and why")
    func audited() async throws {
        let office = try await TestAdministration()
        let admin = try await office.management("admin")
        _ = try await admin.apply(Self.full, isDryRun: false)
        _ = try await admin.create(NewUser(name: "dave"))
        _ = try await admin.setRole("own", RolePolicies(policies: []))
        _ = try await admin.rotateKey()
        try await admin.deleteRole("own")
        let made = try await office.management("bob").create(NewToken())
        try await office.management("bob").deleteToken(made.token.id)
        await #expect(throws: Problem.self) { try await admin.deleteRole("own") }
        let audit = try await office.audit()
        #expect(
            audit.map(\.action) == [
                "role.set", "user.create", "project.create", "robot.create", "group.set", "member.set", "member.set",
                "tag-rule.set", "tag-rule.set", "declaration.apply", "user.create", "role.set", "key.rotate",
                "role.delete", "token.create",
                "token.delete",
            ]
        )
        #expect(audit.map(\.principal) == Array(repeating: "user:admin", count: 14) + ["user:bob", "user:bob"])
        #expect(audit.allSatisfy { $0.outcome == .allowed && $0.requestID == "test" && $0.address == "127.0.0.1" })
        #expect(audit[10].reason.contains("administrator"))
        #expect(audit[4].target == "group:staff")
    }

    @Test("explains what decides, for rules of every kind")
    func explains() async throws {
        let office = try await TestAdministration()
        var random = RandomAccess(seed: TestSeed.run)
        let names = ["alice", "bob", "anonymous"]
        for round in 0..<40 {
            let set = try random.ruleSet()
            try await office.directory.change { facts in try Self.write(set, facts, at: office.clock.now()) }
            let rules = office.directory.snapshot.rules
            for name in names {
                let account = office.directory.snapshot.accounts[name]
                let principal = account.map { Principal(kind: .user, name: name, groups: $0.groups) } ?? .anonymous
                for repository in RandomAccess.names.shuffled().prefix(6) {
                    for action in Action.allCases {
                        let decision = rules.decide(principal, action, on: try RepositoryName(repository))
                        let told = try await office.local.explain(
                            account == nil ? name : "user:\(name)",
                            action.rawValue,
                            on: repository
                        )
                        let comment = "TEST_SEED=\(TestSeed.run) round \(round)"
                        #expect(told.isAllowed == decision.isAllowed, "\(comment)")
                        #expect(told.reason == decision.description, "\(comment)")
                    }
                }
            }
        }
    }

    private static func write(_ set: RuleSet, _ facts: Facts, at moment: Timestamp) throws {
        for grant in try facts.grants() { _ = try facts.deleteGrant(grant) }
        for project in try facts.projects() { _ = try facts.deleteProject(project.name) }
        for role in set.roles where (try? PolicyText.write(role.policies)) != nil {
            try facts.setRole(RoleFact(name: role.name, policies: try PolicyText.write(role.policies)))
        }
        for project in set.projects {
            try facts.setProject(ProjectFact(name: project.name, isPublic: project.isPublic, createdAt: moment))
        }
        for grant in set.grants {
            try facts.insertGrant(
                GrantFact(subject: grant.subject.description, role: grant.role, project: grant.project)
            )
        }
    }
}

import Access
import AdminModel
import Administration
import Identity
import Metadata
import RegistryTesting
import Testing

/// What was begun with a right that is gone when it is to be done, and rights that are less than they seem.
@Suite("A request under way")
struct UnderWayTests {
    @Test("does nothing when its account was closed, or has another password, meanwhile")
    func closedAccount() async throws {
        for change in [UserChange(isDisabled: true), nil] {
            let office = try await TestAdministration()
            let (admin, mallory) = (office.local, try await Self.second(office))
            if let change {
                _ = try await admin.change("mallory", change)
            } else {
                _ = try await admin.setPassword(of: "mallory", PasswordChange(password: "another one"))
            }
            await Self.expect(.unauthenticated) {
                _ = try await mallory.create(NewUser(name: "eve", password: "12345678"))
            }
            await Self.expect(.unauthenticated) { _ = try await mallory.create(NewToken()) }
            #expect(try await office.local.users(after: nil, limit: 10).items.contains { $0.name == "eve" } == false)
        }
    }

    @Test("does nothing when its token was taken back meanwhile")
    func deletedToken() async throws {
        let office = try await TestAdministration()
        let made = try await office.management("admin").create(NewToken())
        let begun = office.management(try await office.login("admin", made.secret))
        try await office.management("admin").deleteToken(made.token.id)
        await Self.expect(.unauthenticated) { _ = try await begun.create(NewProject(name: "late")) }
    }

    @Test("of a robot with an old secret gets no new one")
    func oldSecret() async throws {
        let office = try await TestAdministration()
        let first = try await office.management("alice").create(NewRobot(name: "ci", project: "team"))
        let second = try await office.management("alice").rotateSecret(of: "team+ci", SecretRotation())
        let old = office.management(try await office.login("team+ci", first.secret))
        await Self.expect(.denied) { _ = try await old.rotateSecret(of: "team+ci", SecretRotation(overlapSeconds: 0)) }
        let new = office.management(try await office.login("team+ci", second.secret))
        let third = try await new.rotateSecret(of: "team+ci", SecretRotation())
        _ = try await office.login("team+ci", third.secret)
    }

    @Test("by a credential that may do less than its owner hands out nothing")
    func limited() async throws {
        let office = try await TestAdministration()
        let policies = [AdminModel.Policy(repo: "*", actions: ["manage"])]
        let made = try await office.management("admin").create(NewToken(policies: policies))
        let limited = office.management(try await office.login("admin", made.secret))
        #expect(try await limited.users(after: nil, limit: 10).items.count == 3, "what it may, it may")
        let grants: [@Sendable () async throws -> Void] = [
            { _ = try await limited.create(NewRobot(name: "ci", neverExpires: true)) },
            { _ = try await limited.setMember("user:bob", of: nil, MemberRoles(roles: ["administrator"])) },
            { _ = try await limited.setPassword(of: "bob", PasswordChange(password: "12345678")) },
            { _ = try await limited.create(NewToken(user: "bob")) },
            { _ = try await limited.create(NewUser(name: "eve")) },
            { _ = try await limited.apply(Declaration(), isDryRun: false) },
        ]
        for grant in grants { await #expect(throws: Refused.self) { try await grant() } }
    }

    @Test("of a project's administrator gives no secret to a robot with rights elsewhere")
    func robotElsewhere() async throws {
        let office = try await TestAdministration()
        let alice = try await office.management("alice")
        _ = try await alice.create(NewRobot(name: "ci", project: "team"))
        _ = try await alice.rotateSecret(of: "team+ci", SecretRotation())
        _ = try await office.local.setMember("robot:team+ci", of: nil, MemberRoles(roles: ["reader"]))
        await #expect(throws: Refused.self) { try await alice.rotateSecret(of: "team+ci", SecretRotation()) }
        _ = try await office.local.rotateSecret(of: "team+ci", SecretRotation())
    }

    /// A second administrator, who has logged in.
    private static func second(_ office: TestAdministration) async throws -> Management {
        _ = try await office.local.create(NewUser(name: "mallory", password: TestAdministration.password))
        _ = try await office.local.setMember("user:mallory", of: nil, MemberRoles(roles: ["administrator"]))
        return try await office.management("mallory")
    }

    private static func expect(_ code: Problem.Code, _ body: () async throws -> Void) async {
        do {
            try await body()
            Issue.record("it was done")
        } catch {
            #expect((error as? Problem)?.code == code, "\(error)")
        }
    }
}

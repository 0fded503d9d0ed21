import Access
import AdminModel
import Administration
import Identity
import Metadata
import RegistryTesting
import Testing

/// Who may do what, for each operation: written down apart from the code that decides.
@Suite("Who may do what")
struct AuthorityTests {
    /// Who asks.
    enum Who: String, CaseIterable {
        /// Manages the installation, by the password.
        case manager
        /// Manages the installation, by a personal token without a limit.
        case managerByToken
        /// The same by a personal token that is limited to pulling.
        case managerLimited
        /// The same by a token of the token service that was asked for without a scope.
        case managerByBearer
        /// Manages the project `team`.
        case projectManager
        /// May write in the project, and not manage it.
        case writer
        /// Has no role.
        case user
        /// The robot `team+ci`.
        case robot
        /// Has not logged in.
        case anonymous
        /// Whoever may open the socket in the data folder.
        case local
    }

    /// An operation, and who may do it.
    struct Operation: Sendable, CustomStringConvertible {
        let description: String
        let allowed: Set<Who>
        let run: @Sendable (Management) async throws -> Void

        init(
            _ description: String,
            _ allowed: Set<Who>,
            _ run: @escaping @Sendable (Management) async throws -> some Sendable
        ) {
            (self.description, self.allowed) = (description, allowed)
            self.run = { _ = try await run($0) }
        }
    }

    static let managers: Set<Who> = [.manager, .managerByToken, .local]
    static let known = Set(Who.allCases).subtracting([.anonymous])
    static let ofTeam = managers.union([.projectManager])

    static let operations = users + groupsAndRoles + projects + robots + credentials + jobs + others

    static let users = [
        Operation("list users", managers) { try await $0.users(after: nil, limit: 10) },
        Operation("read a user", managers) { try await $0.user("dave") },
        Operation("read oneself", managers.union([.user])) { try await $0.user("bob") },
        Operation("make a user", managers) { try await $0.create(NewUser(name: "new", password: "12345678")) },
        Operation("change a user", managers) { try await $0.change("dave", UserChange(description: "x")) },
        Operation("change oneself", managers) { try await $0.change("bob", UserChange(groups: ["staff"])) },
        Operation("delete a user", managers) { try await $0.deleteUser("dave") },
        Operation("set a password", managers) {
            try await $0.setPassword(of: "dave", PasswordChange(password: "12345678"))
        },
        Operation("bring a hash of a password", managers) {
            try await $0.importUser("new", hash: try PasswordHash(of: Secret("x"), cost: .least).description)
        },
    ]

    static let groupsAndRoles = [
        Operation("list groups", managers) { try await $0.groups(after: nil, limit: 10) },
        Operation("read a group", managers) { try await $0.group("staff") },
        Operation("set a group", managers) { try await $0.setGroup("staff", GroupMembers(members: ["bob"])) },
        Operation("delete a group", managers) { try await $0.deleteGroup("staff") },
        Operation("list roles", known) { try await $0.roles(after: nil, limit: 10) },
        Operation("read a role", known) { try await $0.role("reader") },
        Operation("set a role", managers) { try await $0.setRole("own", RolePolicies(policies: [])) },
        Operation("delete a role", managers) { try await $0.deleteRole("unused") },
    ]

    static let projects = [
        Operation("list projects", known) { try await $0.projects(after: nil, limit: 10) },
        Operation("read a project that one may not see", managers.union([.managerLimited])) {
            try await $0.project("hidden")
        },
        Operation("read a project", ofTeam.union([.managerLimited, .writer, .robot])) { try await $0.project("team") },
        Operation("make a project", managers) { try await $0.create(NewProject(name: "other")) },
        Operation("make a project in a project", ofTeam) { try await $0.create(NewProject(name: "team/part")) },
        Operation("set a project", ofTeam) { try await $0.setProject("team", ProjectChange(isPublic: true)) },
        Operation("delete a project", managers) { try await $0.deleteProject("hidden") },
        Operation("list members", ofTeam) { try await $0.members(of: "team", after: nil, limit: 10) },
        Operation("read a member", ofTeam) { try await $0.member("user:alice", of: "team") },
        Operation("set a member", ofTeam) {
            try await $0.setMember("user:bob", of: "team", MemberRoles(roles: ["reader"]))
        },
        Operation("list members of another project", managers) {
            try await $0.members(of: "hidden", after: nil, limit: 10)
        },
        Operation("list members of everything", managers) { try await $0.members(of: nil, after: nil, limit: 10) },
        Operation("read a member of everything", managers) { try await $0.member("user:admin", of: nil) },
        Operation("make oneself an administrator", managers) {
            try await $0.setMember("user:alice", of: nil, MemberRoles(roles: ["administrator"]))
        },
    ]

    static let robots = [
        Operation("list robots", managers) { try await $0.robots(project: nil, after: nil, limit: 10) },
        Operation("list a project's robots", ofTeam) { try await $0.robots(project: "team", after: nil, limit: 10) },
        Operation("list another project's robots", managers) {
            try await $0.robots(project: "hidden", after: nil, limit: 10)
        },
        Operation("read a robot", ofTeam.union([.robot])) { try await $0.robot("team+ci") },
        Operation("read a robot of the installation", managers) { try await $0.robot("mirror") },
        Operation("make a robot", managers) { try await $0.create(NewRobot(name: "new")) },
        Operation("make a project's robot", ofTeam) { try await $0.create(NewRobot(name: "new", project: "team")) },
        Operation("change a robot", ofTeam) { try await $0.change("team+ci", RobotChange(description: "x")) },
        Operation("rotate a robot's secret", ofTeam.union([.robot])) {
            try await $0.rotateSecret(of: "team+ci", SecretRotation())
        },
        Operation("rotate a secret with another end", ofTeam) {
            try await $0.rotateSecret(of: "team+ci", SecretRotation(neverExpires: true))
        },
        Operation("rotate another robot's secret", managers) {
            try await $0.rotateSecret(of: "mirror", SecretRotation())
        },
        Operation("delete a robot", ofTeam) { try await $0.deleteRobot("team+ci") },
        Operation("delete a robot of the installation", managers) { try await $0.deleteRobot("mirror") },
    ]

    static let credentials = [
        Operation("list one's tokens", [.manager, .managerByToken, .projectManager, .writer, .user, .robot]) {
            try await $0.tokens(of: nil, after: nil, limit: 10)
        },
        Operation("list somebody's tokens", managers) { try await $0.tokens(of: "dave", after: nil, limit: 10) },
        Operation("list everybody's tokens", managers) { try await $0.tokens(of: "*", after: nil, limit: 10) },
        Operation("make a token for oneself", [.manager, .projectManager, .writer, .user]) {
            try await $0.create(NewToken())
        },
        Operation("make a token for another", managers) { try await $0.create(NewToken(user: "dave")) },
        Operation("list everybody's sessions", managers) { try await $0.sessions(of: "*", after: nil, limit: 10) },
    ]

    static let jobs = [
        Operation("list jobs", managers) { try await $0.jobs(JobQuestion(), after: nil, limit: 10) },
        Operation("read a job", managers) { try await $0.job("1") },
        Operation("read what a job said", managers) { try await $0.jobLog(of: "1", after: nil, limit: 10) },
        Operation("run a job", managers) { try await $0.run(NewJob(kind: TestJobs.plain)) },
        Operation("cancel a job", managers) { try await $0.cancelJob("1") },
        Operation("pause a job", managers) { try await $0.pauseJob("1") },
        Operation("resume a job", managers) { try await $0.resumeJob("1") },
        Operation("list kinds of jobs", managers) { try await $0.jobKinds(after: nil, limit: 10) },
        Operation("list schedules of jobs", managers) { try await $0.jobSchedules(after: nil, limit: 10) },
        Operation("pause a schedule of jobs", managers) {
            try await $0.changeJobSchedule("nightly", JobScheduleChange(isPaused: true))
        },
    ]

    static let others = [
        Operation("ask who one is", known) { try await $0.caller() },
        Operation("ask why another may", ofTeam) { try await $0.explain("user:dave", "pull", on: "team/app") },
        Operation("ask why another may elsewhere", managers) {
            try await $0.explain("user:dave", "pull", on: "hidden/app")
        },
        Operation("list keys", managers) { try await $0.keys(after: nil, limit: 10) },
        Operation("make a key", managers) { try await $0.rotateKey() },
        Operation("read all that is declared", managers) { try await $0.declaration() },
        Operation("declare", managers) { try await $0.apply(Declaration(), isDryRun: false) },
        Operation("try a declaration", managers) { try await $0.apply(Declaration(), isDryRun: true) },
        Operation("search the audit", managers) { try await $0.audit(AuditQuestion(), after: nil, limit: 10) },
    ]

    @Test("is as it is written down", arguments: operations)
    func isAsWritten(_ operation: Operation) async throws {
        for who in Who.allCases {
            let house = try await Peopled()
            let login = try await house.login(who)
            let before = try await house.office.audit().count
            let outcome: Bool
            do {
                try await operation.run(house.office.management(login))
                outcome = true
            } catch is Refused {
                outcome = false
            } catch let problem as Problem where [.denied, .notFound].contains(problem.code) || problem.field == "user"
            {
                outcome = false
            }
            #expect(outcome == operation.allowed.contains(who), "\(operation): \(who)")
            if !outcome { #expect(try await house.office.audit().count == before, "\(operation): \(who)") }
        }
    }
}

/// The administration with some more people in it.
struct Peopled {
    let office: TestAdministration
    let robotSecret: String

    init() async throws {
        office = try await TestAdministration()
        let local = office.local
        for name in ["carol", "dave"] {
            _ = try await local.create(NewUser(name: name, password: TestAdministration.password))
        }
        _ = try await local.setGroup("staff", GroupMembers(members: []))
        _ = try await local.setRole("unused", RolePolicies(policies: []))
        _ = try await local.create(NewProject(name: "hidden"))
        _ = try await local.setMember("user:carol", of: "team", MemberRoles(roles: ["writer"]))
        _ = try await local.create(NewRobot(name: "mirror", roles: ["reader"]))
        try await TestJobs.furnish(office.facts)
        robotSecret = try await local.create(NewRobot(name: "ci", project: "team", roles: ["writer"])).secret
    }

    func login(_ who: AuthorityTests.Who) async throws -> Login {
        switch who {
        case .manager: try await office.login("admin")
        case .managerByToken: try await byToken(nil)
        case .managerLimited: try await byToken([AdminModel.Policy(repo: "**", actions: ["list", "pull"])])
        case .managerByBearer:
            try await office.login(token: try await office.tokens.grant([], to: try await office.login("admin")).token)
        case .projectManager: try await office.login("alice")
        case .writer: try await office.login("carol")
        case .user: try await office.login("bob")
        case .robot: try await office.login("team+ci", robotSecret)
        case .anonymous: .anonymous
        case .local: .local
        }
    }

    private func byToken(_ policies: [AdminModel.Policy]?) async throws -> Login {
        let made = try await office.management("admin").create(NewToken(policies: policies))
        return try await office.login("admin", made.secret)
    }
}

import AdminModel
import Administration
import Identity
import Metadata
import RegistryTesting
import Testing

/// Robots and the secrets that follow one another.
@Suite("Robots")
struct RobotTests {
    private static let day = Duration.seconds(86_400)

    @Test("keep the secret of before until its end, and not after")
    func overlap() async throws {
        let office = try await TestAdministration()
        let first = try await office.local.create(NewRobot(name: "ci", project: "team")).secret
        let second = try await office.local.rotateSecret(of: "team+ci", SecretRotation(overlapSeconds: 3600)).secret
        _ = try await office.login("team+ci", first)
        _ = try await office.login("team+ci", second)
        office.clock.advance(by: .seconds(3598))
        _ = try await office.login("team+ci", first)
        office.clock.advance(by: .seconds(3))
        await #expect(throws: NotAuthenticated.self) { try await office.login("team+ci", first) }
        _ = try await office.login("team+ci", second)
        #expect(try await office.local.robot("team+ci").secrets.count == 1)
    }

    @Test("lose the secret of before at once without an overlap, and with it the tokens that it made")
    func noOverlap() async throws {
        let office = try await TestAdministration()
        let first = try await office.local.create(NewRobot(name: "mirror")).secret
        let token = try await office.tokens.grant([], to: try await office.login("mirror", first)).token
        _ = try await office.login(token: token)
        _ = try await office.local.rotateSecret(of: "mirror", SecretRotation(overlapSeconds: 0))
        await #expect(throws: NotAuthenticated.self) { try await office.login("mirror", first) }
        await #expect(throws: NotAuthenticated.self) { try await office.login(token: token) }
    }

    @Test("renew their own secret, for as long and from where the last one was good")
    func selfRotation() async throws {
        let office = try await TestAdministration()
        let end = Instant(microseconds: office.clock.now().microseconds + 7 * 86_400_000_000)
        let made = try await office.local.create(NewRobot(name: "ci", expiresAt: end, addresses: ["127.0.0.0/8"]))
        office.clock.advance(by: Self.day)
        let robot = office.management(try await office.login("ci", made.secret))
        let rotated = try await robot.rotateSecret(of: "ci", SecretRotation())
        let secrets = rotated.robot.secrets
        #expect(secrets.map(\.addresses) == [["127.0.0.0/8"], ["127.0.0.0/8"]])
        let (old, new) = (try #require(secrets.first), try #require(secrets.last))
        let lifetime = try #require(new.expiresAt).microseconds - new.createdAt.microseconds
        #expect(abs(lifetime - 7 * 86_400_000_000) < 1_000_000)
        // The old one is cut to the overlap, and never made longer.
        #expect(try #require(old.expiresAt).microseconds - new.createdAt.microseconds == 86_400_000_000)
        _ = try await office.login("ci", rotated.secret)
        await #expect(throws: NotAuthenticated.self) { try await office.login("ci", rotated.secret, from: "10.0.0.1") }
    }

    @Test("do not renew it by a token, nor choose how long the new one is to hold")
    func selfRotationIsBound() async throws {
        let office = try await TestAdministration()
        let made = try await office.local.create(NewRobot(name: "ci"))
        let login = try await office.login("ci", made.secret)
        let token = try await office.tokens.grant([], to: login).token
        let byToken = office.management(try await office.login(token: token))
        await #expect(throws: Refused.self) { try await byToken.rotateSecret(of: "ci", SecretRotation()) }
        let robot = office.management(login)
        for rotation in [
            SecretRotation(neverExpires: true), SecretRotation(addresses: []),
            SecretRotation(expiresAt: Instant(microseconds: office.clock.now().microseconds + 1_000_000_000)),
        ] {
            await #expect(throws: Problem.self) { try await robot.rotateSecret(of: "ci", rotation) }
        }
        #expect(try await office.local.robot("ci").secrets.count == 1)
    }

    @Test("have at most ten secrets, of which the oldest goes first")
    func atMostTen() async throws {
        let office = try await TestAdministration()
        let first = try await office.local.create(NewRobot(name: "ci")).secret
        var last = first
        for _ in 0..<12 { last = try await office.local.rotateSecret(of: "ci", SecretRotation()).secret }
        #expect(try await office.local.robot("ci").secrets.count == 10)
        await #expect(throws: NotAuthenticated.self) { try await office.login("ci", first) }
        _ = try await office.login("ci", last)
    }

    @Test("lose one secret alone when it is taken back")
    func deleteSecret() async throws {
        let office = try await TestAdministration()
        let made = try await office.local.create(NewRobot(name: "ci"))
        let second = try await office.local.rotateSecret(of: "ci", SecretRotation()).secret
        let id = try #require(made.robot.secrets.first).id
        await #expect(throws: Problem.self) { try await office.local.deleteSecret("another", of: "ci") }
        try await office.local.deleteSecret(id, of: "ci")
        await #expect(throws: NotAuthenticated.self) { try await office.login("ci", made.secret) }
        _ = try await office.login("ci", second)
    }

    @Test("keep only the secrets that are theirs: one of another robot is not there")
    func foreignSecret() async throws {
        let office = try await TestAdministration()
        let other = try await office.local.create(NewRobot(name: "other"))
        _ = try await office.local.create(NewRobot(name: "ci", project: "team"))
        let id = try #require(other.robot.secrets.first).id
        let alice = try await office.management("alice")
        await #expect(throws: Problem.self) { try await alice.deleteSecret(id, of: "team+ci") }
        await #expect(throws: Refused.self) { try await alice.deleteSecret(id, of: "other") }
        _ = try await office.login("other", other.secret)
    }

    @Test("are closed and opened, with what they hold", arguments: [false, true])
    func close(isByToken: Bool) async throws {
        let office = try await TestAdministration()
        let made = try await office.local.create(NewRobot(name: "ci"))
        let token = try await office.tokens.grant([], to: try await office.login("ci", made.secret)).token
        _ = try await office.local.change("ci", RobotChange(isDisabled: true))
        await #expect(throws: NotAuthenticated.self) {
            _ = try await isByToken ? office.login(token: token) : office.login("ci", made.secret)
        }
        _ = try await office.local.change("ci", RobotChange(isDisabled: false))
        _ = try await office.login("ci", made.secret)
        // What was made before does not come back.
        await #expect(throws: NotAuthenticated.self) { _ = try await office.login(token: token) }
    }

    @Test("hold for ninety days when nothing is said, and are forgotten with their roles")
    func lifetimeAndEnd() async throws {
        let office = try await TestAdministration()
        let made = try await office.local.create(NewRobot(name: "ci", project: "team", roles: ["writer"]))
        office.clock.advance(by: .seconds(90 * 86_400 + 1))
        await #expect(throws: NotAuthenticated.self) { try await office.login("team+ci", made.secret) }
        try await office.local.deleteRobot("team+ci")
        #expect(
            try await office.local.members(of: "team", after: nil, limit: 10).items.map(\.subject) == ["user:alice"]
        )
        _ = try await office.local.create(NewRobot(name: "ci", project: "team"))
        await #expect(throws: NotAuthenticated.self) { try await office.login("team+ci", made.secret) }
    }
}

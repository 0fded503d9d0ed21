import Crypto
import Foundation
import Metadata
import MetadataSQLite
import OCI
import Testing

@testable import Identity
@testable import RegistryTesting

/// What every town begins with: a database that is copied, and what is known of it.
///
/// Everybody has the roles that the head of matrix.txt tells.
struct TownPlan: Sendable {
    static let password = "pass-word:of those who may"
    /// Made once.
    static let shared = Task { try await TownPlan.make() }

    /// Holds the database.
    private(set) var folder: TemporaryFolder
    private(set) var blobs = MemoryBlobStore()
    private(set) var credentials: [Caller: CallerCredentials] = [:]
    /// The id of a robot's secret, by the name of the robot.
    private(set) var robotSecrets: [String: String] = [:]
    /// The ids of a token and a session of the user `none`.
    private(set) var tokenID = ""
    private(set) var sessionID = ""
    /// The id of a key that nothing was signed with.
    private(set) var spareKeyID = ""
    /// An upload of `team/app`.
    private(set) var upload = ""

    let image = SampleImage(seed: 1)
    let second = SampleImage(seed: 2)
    let loose = SampleBlob("a blob that no manifest has")
    let neighbours = SampleImage(seed: 3)
    let everybodys = SampleImage(seed: 4)
    let referrer: SampleManifest

    let repositories = ["open/app", "team/app", "teamwork/app"]
    var manifestPaths: [String] {
        ["v1", "v2", image.manifest.digest, second.manifest.digest, referrer.digest].map {
            "/v2/team/app/manifests/\($0)"
        }
    }

    /// A town of its own over a copy.
    func town() async throws -> Town {
        let copy = try TemporaryFolder(inMemory: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            try FileManager.default.copyItem(atPath: "\(folder.path)/\(name)", toPath: "\(copy.path)/\(name)")
        }
        return try await Town(self, in: copy, MemoryBlobStore(copying: blobs), Self.clock())
    }

    /// A clock that stands a minute after all was made.
    private static func clock() -> TestClock {
        let clock = TestClock()
        clock.advance(by: .seconds(60))
        return clock
    }

    // MARK: Making

    private init() throws {
        folder = try TemporaryFolder(inMemory: true)
        referrer = .referrer(to: image.manifest.descriptor(), artifactType: "application/x-test")
    }

    private static func make() async throws -> TownPlan {
        var plan = try TownPlan()
        let clock = TestClock()
        for name in ["root", "write"] { plan.say(name) }
        let town = try await Town(plan, in: plan.folder, plan.blobs, clock)
        try await plan.settle(town, at: clock.now())
        // By now every key may sign.
        clock.advance(by: .seconds(20))
        try await plan.fill(town)
        try await plan.handOut(in: town, at: clock.now())
        try await town.engine.close()
        return plan
    }

    private mutating func say(_ user: String) {
        guard let caller = Caller(rawValue: user) else { return }
        credentials[caller] = CallerCredentials(
            authorization: Self.basic(user, Self.password),
            password: Self.password,
            refreshToken: Self.password
        )
    }

    static func basic(_ name: String, _ password: String) -> String {
        "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
    }

    /// Accounts, projects and roles.
    private mutating func settle(_ town: Town, at moment: Timestamp) async throws {
        let hash = try PasswordHash(of: Secret(Self.password), cost: .least).description
        try await town.directory.change { facts in
            for user in Caller.users {
                let account = AccountFact(name: user.rawValue, kind: .user, password: hash, createdAt: moment)
                _ = try facts.insertAccount(account)
            }
            for (name, project) in [("team+robot", "team" as String?), ("fleet", nil)] {
                _ = try facts.insertAccount(
                    AccountFact(name: name, kind: .robot, password: nil, createdAt: moment, project: project)
                )
            }
            for (name, isPublic) in [("team", false), ("team/sub", false), ("teamwork", false), ("open", true)] {
                try facts.setProject(ProjectFact(name: name, isPublic: isPublic, createdAt: moment))
            }
            _ = try facts.insertGroup(GroupFact(name: "staff", createdAt: moment))
            for (name, policies) in Self.roles { try facts.setRole(RoleFact(name: name, policies: policies)) }
            for (subject, role, project) in Self.grants {
                try facts.insertGrant(GrantFact(subject: subject, role: role, project: project))
            }
        }
        try await TestJobs.furnish(town.facts)
        // Taken away again where something else is looked at than what may be done with these rules.
        try await town.directory.change { facts in
            for scope in [ReadOnlyFact.everything, "team"] {
                try facts.setReadOnly(scope, because: "", by: "user:root")
            }
        }
        for scope in [QuotaScope.installation, .project("team"), .repository(try RepositoryName("team/app"))] {
            _ = try await town.facts.write { facts in
                try facts.setQuota(of: scope, to: QuotaLimits(bytes: 1 << 30), warnPercent: 80)
            }
        }
    }

    private static let roles = [
        "hands-off": #"[{"repo":"team/*","actions":["pull"]},{"effect":"deny","repo":"team/**","actions":["push"]}]"#,
        "banned": #"[{"effect":"deny","repo":"team/ap*","actions":["*"]}]"#,
        "spare": #"[{"repo":"open/*","actions":["pull"]}]"#,
    ]

    private static let grants: [(String, String, String?)] = [
        ("user:list", "lister", "team"), ("user:read", "reader", "team"), ("user:write", "writer", "team"),
        ("user:maint", "maintainer", "team"), ("user:admin", "administrator", "team"),
        ("user:near", "administrator", "teamwork"), ("user:mixed", "writer", "team"), ("user:mixed", "hands-off", nil),
        ("user:deny", "maintainer", "team"), ("user:deny", "banned", nil), ("user:root", "administrator", nil),
        ("user:closed", "administrator", nil), ("robot:team+robot", "writer", "team"), ("robot:fleet", "reader", nil),
    ]

    /// Images and an upload.
    private mutating func fill(_ town: Town) async throws {
        for (name, tag, image) in [
            ("team/app", "v1", image), ("team/app", "v2", second), ("teamwork/app", "v1", neighbours),
            ("open/app", "v1", everybodys),
        ] {
            for blob in image.blobs { try await put(blob, in: name, town) }
            try await put(image.manifest, as: tag, in: name, town)
        }
        try await put(SampleBlob.emptyJSON, in: "team/app", town)
        try await put(loose, in: "team/app", town)
        try await put(referrer, as: referrer.digest, in: "team/app", town)
        try await hold(town)
        try await trash(in: town)
        let answer = try await town.send(TestRequest("POST", "/v2/team/app/blobs/uploads/"), as: .root)
        upload = try #require(answer[header: "Location"]?.split(separator: "/").last.map(String.init))
    }

    /// A rule, a lock and broken glass, of tags that nothing else is done with.
    private func hold(_ town: Town) async throws {
        try await town.facts.write { facts in
            let moment = Timestamp(microseconds: 1)
            let terms = #"{"tags":{"include":["held"]}}"#
            try facts.setTagRule(
                TagRuleFact(project: "team", name: "held", kind: "immutable", terms: terms, createdAt: moment)
            )
            let app = try #require(try facts.repository(RepositoryName("team/app")))
            for kind in [TagGuardFact.Kind.lock, .glass] {
                let time: Duration? = kind == .glass ? .seconds(86_400) : nil
                _ = try facts.setTagGuard(kind, of: Tag("held"), in: app, by: "user:root", reason: "so", for: time)
            }
        }
    }

    /// A tag of `team/app` that was deleted: the entry 1 of the trash; and the project `team/gone`, the entry 2.
    private func trash(in town: Town) async throws {
        let (name, tag, digest) = (try RepositoryName("team/app"), try Tag("gone"), try image.manifest.name)
        let moment = Timestamp(microseconds: 1_700_000_000_000_000)
        try await town.facts.write { facts in
            let app = try facts.ensureRepository(name, at: moment)
            try facts.moveTag(tag, to: digest, in: app, at: moment, by: "user:root")
            try facts.deleteTag(tag, in: app, at: moment, by: "user:root", keeping: .seconds(86_400))
            try facts.setProject(ProjectFact(name: "team/gone", isPublic: false, createdAt: moment))
            let entry = try facts.trashProject("team/gone", by: "user:root", keeping: .seconds(86_400))
            try #require(entry?.id == 2)
        }
    }

    private func put(_ blob: SampleBlob, in name: String, _ town: Town) async throws {
        let path = "/v2/\(name)/blobs/uploads/?digest=\(blob.digest)"
        try #require(try await town.send(TestRequest("POST", path, body: blob.bytes), as: .root).status == 201)
    }

    private func put(_ manifest: SampleManifest, as reference: String, in name: String, _ town: Town) async throws {
        let headers = [("Content-Type", manifest.mediaType)]
        let request = TestRequest("PUT", "/v2/\(name)/manifests/\(reference)", headers: headers, body: manifest.bytes)
        try #require(try await town.send(request, as: .root).status == 201)
    }

    // MARK: Handing out

    private mutating func handOut(in town: Town, at moment: Timestamp) async throws {
        for user in Caller.users {
            say(user.rawValue)
            let path = "/token?offline_token=true"
            let grant = try JSONDecoder().decode(
                Grant.self,
                from: Data(try await send(TestRequest("GET", path), as: user, to: town).body)
            )
            credentials[user]?.refreshToken = grant.refresh_token
        }
        sessionID = try #require(try await town.facts.read { try $0.credentials(.refresh, of: "none", limit: 1) }.first)
            .id
        for robot in [Caller.robot, .fleet] {
            robotSecrets[robot.account] = try await secret(.robot, for: robot, of: robot.account, town, moment)
        }
        let limit = #"[{"repo":"team/app","actions":["pull"]}]"#
        _ = try await secret(.personal, for: .limitedToken, of: "root", policies: limit, town, moment)
        _ = try await secret(.personal, for: .boundToken, of: "root", addresses: ["10.9.0.0/16"], town, moment)
        tokenID = try await secret(.personal, for: nil, of: "none", town, moment)
        try await handOutBearers(in: town)
        credentials[.wrongPassword] = CallerCredentials(
            authorization: Self.basic("root", "another"),
            password: "another",
            refreshToken: "another"
        )
        credentials[.anonymous] = CallerCredentials()
        let key = TokenKeys.newFact(at: moment)
        spareKeyID = key.id
        try await town.directory.change { facts in
            try facts.insertSigningKey(key)
            _ = try facts.setDisabled(since: moment, "closed")
        }
    }

    private mutating func secret(
        _ kind: CredentialFact.Kind,
        for caller: Caller?,
        of account: String,
        policies: String? = nil,
        addresses: [String] = [],
        _ town: Town,
        _ moment: Timestamp
    ) async throws -> String {
        let new = NewCredential(
            kind,
            of: account,
            label: "",
            policies: policies,
            addresses: addresses,
            at: moment,
            until: moment + .seconds(86_400)
        )
        try await town.directory.insert(new.fact)
        let text = String(decoding: new.secret.bytes, as: UTF8.self)
        if let caller {
            credentials[caller] = CallerCredentials(
                authorization: Self.basic(account, text),
                password: text,
                refreshToken: text
            )
        }
        return new.fact.id
    }

    private mutating func handOutBearers(in town: Town) async throws {
        let pull = "scope=repository:team/app:pull"
        sayBearer(.anonymousToken, try await token(pull, nil, town))
        let text = try await token(pull, .root, town)
        sayBearer(.pullBearer, text)
        sayBearer(.pushBearer, try await token("\(pull),push", .write, town))
        let key = try #require(town.directory.snapshot.keys.keys.first)
        let real = try #require(town.directory.snapshot.keys.verified(Array(text.utf8))).token
        var token = real
        token.access = [TokenScope(type: "repository", name: "team/app", actions: ["*"])]
        sayBearer(.foreignKey, try TokenKeys([TokenKeys.Key()]).sign(token))
        (token.notBefore, token.expiresAt) = (real.notBefore - 3600, real.notBefore - 3000)
        sayBearer(.expired, try TokenKeys([key]).sign(token))
        (token.notBefore, token.expiresAt, token.audience) = (real.notBefore, real.expiresAt, "elsewhere")
        sayBearer(.otherAudience, try TokenKeys([key]).sign(token))
    }

    private mutating func sayBearer(_ caller: Caller, _ token: String) {
        credentials[caller] = CallerCredentials(authorization: "Bearer \(token)", password: token, refreshToken: token)
    }

    private func token(_ query: String, _ caller: Caller?, _ town: Town) async throws -> String {
        let answer = try await send(TestRequest("GET", "/token?\(query)"), as: caller, to: town)
        return try JSONDecoder().decode(Grant.self, from: Data(answer.body)).token
    }

    /// The town was made before anything was handed out.
    private func send(_ request: TestRequest, as caller: Caller?, to town: Town) async throws -> TestResponse {
        var request = request
        if let caller, let value = credentials[caller]?.authorization {
            request.headers.append(("Authorization", value))
        }
        return try await town.send(request)
    }

    private struct Grant: Decodable {
        var token: String
        var refresh_token: String?
    }
}

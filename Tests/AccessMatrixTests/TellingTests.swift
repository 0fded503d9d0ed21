import Foundation
import Testing

@testable import RegistryTesting

/// What somebody can find out about that which they may not read.
@Suite struct TellingTests {
    private static let everybody = Set(Caller.allCases).subtracting([.socket])
    /// Who may not read `team/app`, nor anything else of that project.
    private static let strangersToTeam: Set<Caller> = [
        .anonymous, .anonymousToken, .none, .list, .near, .deny, .boundToken, .expired, .foreignKey, .otherAudience,
        .wrongPassword, .closed,
    ]
    /// Who may not read `teamwork/app`.
    private static let strangersToTeamwork = everybody.subtracting([.near, .root, .fleet])

    // MARK: Refusals

    @Test(arguments: Endpoint.allCases.filter { ![.version, .catalog].contains($0) })
    func `a refusal is the same, byte for byte, for what is there and what is not`(endpoint: Endpoint) async throws {
        try await Town.with { town in
            var subject = Subject.app(town.plan)
            // Where a mount is from is asked for by name too.
            subject.source = "open/app"
            var nothing = subject
            (nothing.tag, nothing.blob, nothing.mounted) = ("v9", SampleBlob("nothing"), SampleBlob("nothing"))
            nothing.manifest = .index(of: [])
            for (repository, strangers) in [
                ("team/app", Self.strangersToTeam), ("teamwork/app", Self.strangersToTeamwork),
            ] {
                // Who may list may see the tags.
                let strangers =
                    endpoint == .tags && repository == "team/app" ? strangers.subtracting([.list]) : strangers
                for caller in Caller.allCases where strangers.contains(caller) {
                    let name = "\(endpoint.rawValue) of \(repository) for \(caller.rawValue)"
                    let there = try await refusal(endpoint, subject.of(repository), caller, town)
                    #expect([401, 403].contains(there.status), "\(name)")
                    let other = try await refusal(endpoint, subject.of(repository.dropLast() + "x"), caller, town)
                    #expect(there == other, "\(name), and of a repository that is not there")
                    let less = try await refusal(endpoint, nothing.of(repository), caller, town)
                    #expect(there == less, "\(name), and of content that is not there")
                }
            }
        }
    }

    /// An answer without what two requests need not have in common: the id, and the names that were asked for.
    private struct Refused: Hashable {
        var status: Int
        var headers: [String]
        var body: String
    }

    private func refusal(_ endpoint: Endpoint, _ subject: Subject, _ caller: Caller, _ town: Town) async throws
        -> Refused
    {
        let request = try endpoint.request(subject, town.plan)
        let answer = try await town.send(request, as: caller)
        let id = try #require(answer[header: "X-Request-Id"])
        func plain(_ text: String) -> String {
            text.replacing(id, with: "ID").replacing(subject.repository, with: "NAME")
        }
        return Refused(
            status: answer.status,
            headers: answer.headers.map { plain("\($0): \($1)") }.sorted(),
            body: plain(answer.text)
        )
    }

    @Test func `a login that fails is answered alike, whoever it was to be`() async throws {
        try await Town.with { town in
            let names = [("none", "wrong"), ("nobody", "wrong"), ("closed", TownPlan.password), ("fleet", "wrong")]
            let credentials = names.map { TownPlan.basic($0, $1) } + ["Bearer a.b.c", "Basic !"]
            for path in ["/v2/", "/v2/team/app/tags/list", "/v2/open/app/tags/list", "/token", "/api/v1/me"] {
                var seen: Set<Refused> = []
                for value in credentials {
                    let answer = try await town.send(TestRequest("GET", path, headers: [("Authorization", value)]))
                    seen.insert(Self.plain(answer))
                }
                #expect(seen.count == 1 && seen.first?.status == 401, "\(path): \(seen)")
            }
            var seen: Set<Refused> = []
            for (name, password) in names {
                let word = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                let form = "grant_type=password&username=\(name)&password=\(word)"
                seen.insert(Self.plain(try await town.send(TestRequest("POST", "/token", body: Array(form.utf8)))))
            }
            #expect(seen.count == 1 && seen.first?.status == 401)
        }
    }

    private static func plain(_ answer: TestResponse) -> Refused {
        let id = answer[header: "X-Request-Id"] ?? "no id"
        return Refused(
            status: answer.status,
            headers: answer.headers.map { "\($0): \($1)".replacing(id, with: "ID") }.sorted(),
            body: answer.text.replacing(id, with: "ID")
        )
    }

    // MARK: What is there of others

    @Test func `a blob of others cannot be told from one that is nowhere`() async throws {
        try await Town.with { town in
            let (theirs, nowhere) = (town.plan.neighbours.layer, SampleBlob("nowhere"))
            for query in ["mount=DIGEST&from=teamwork/app", "mount=DIGEST"] {
                let answers = try await [theirs, nowhere].asyncMap { blob in
                    let path = "/v2/team/app/blobs/uploads/?" + query.replacing("DIGEST", with: blob.digest)
                    return try await town.send(TestRequest("POST", path), as: .write)
                }
                #expect(answers.map(\.status) == [202, 202])
                let names = answers.map { $0.headers.map(\.0).sorted() }
                #expect(names[0] == names[1] && answers[0].body == answers[1].body)
                #expect(!answers[0].headers.contains { $0.1.contains(theirs.digest) })
            }
            for blob in [theirs, nowhere] {
                for method in ["GET", "HEAD"] {
                    let request = TestRequest(method, "/v2/team/app/blobs/\(blob.digest)")
                    #expect(try await town.send(request, as: .write).status == 404)
                }
            }
        }
    }

    @Test func `a manifest that names blobs of others is refused like one that names nothing`() async throws {
        try await Town.with { town in
            let config = town.plan.image.config.descriptor("application/vnd.oci.image.config.v1+json")
            var texts: Set<String> = []
            for blob in [town.plan.neighbours.layer, SampleBlob("nowhere")] {
                let layer = #"{"mediaType":"a/b","digest":"\#(blob.digest)","size":1000}"#
                let manifest = SampleManifest.image(config: config, layers: [layer])
                let headers = [("Content-Type", manifest.mediaType)]
                let path = "/v2/team/app/manifests/new"
                let request = TestRequest("PUT", path, headers: headers, body: manifest.bytes)
                let answer = try await town.send(request, as: .write)
                #expect(answer.status == 404)
                texts.insert(Self.plain(answer).body.replacing(blob.digest, with: "DIGEST"))
            }
            #expect(texts.count == 1, "\(texts)")
        }
    }

    @Test func `referrers of a digest are those of the repository alone`() async throws {
        try await Town.with { town in
            let digest = town.plan.image.manifest.digest
            let own = try await town.send(TestRequest("GET", "/v2/team/app/referrers/\(digest)"), as: .read)
            #expect(own.text.contains(town.plan.referrer.digest))
            let theirs = try await town.send(TestRequest("GET", "/v2/teamwork/app/referrers/\(digest)"), as: .near)
            #expect(theirs.status == 200 && !theirs.text.contains("sha256"))
        }
    }

    @Test func `who moved a tag is told to those who may push there, and to nobody else who reads`() async throws {
        try await Town.with { town in
            var (readers, told): (Set<Caller>, Set<Caller>) = ([], [])
            for caller in Caller.allCases {
                let answer = try await town.send(TestRequest("GET", "/v2/team/app/_wharf/tags/v1/history"), as: caller)
                guard answer.status == 200 else { continue }
                readers.insert(caller)
                #expect(answer.text.contains("\"moved_at\""), "\(caller.rawValue)")
                if answer.text.contains("moved_by") { told.insert(caller) }
            }
            #expect(told == [.write, .maint, .admin, .root, .robot, .pushBearer])
            #expect(readers.subtracting(told) == [.read, .mixed, .fleet, .limitedToken, .pullBearer])
        }
    }

    // MARK: Lists

    @Test func `the catalog shows each caller what they may list, and no more by its pages`() async throws {
        let (all, team) = (["open/app", "team/app", "teamwork/app"], ["open/app", "team/app"])
        let wanted: [Caller: [String]] = [
            .anonymous: ["open/app"], .anonymousToken: ["open/app"], .none: ["open/app"], .list: team, .read: team,
            .write: team,
            .maint: team, .admin: team, .near: ["open/app", "teamwork/app"], .mixed: team, .deny: ["open/app"],
            .root: all, .robot: team, .fleet: all, .limitedToken: [], .pullBearer: ["team/app"],
            .pushBearer: ["team/app"],
        ]
        try await Town.with { town in
            for (caller, names) in wanted {
                let list = try await catalog("", caller, town)
                #expect(list == names, "\(caller.rawValue)")
                for count in 1...3 {
                    let page = try await town.send(TestRequest("GET", "/v2/_catalog?n=\(count)"), as: caller)
                    let name = "\(caller.rawValue), n=\(count)"
                    #expect((page[header: "Link"] != nil) == (names.count > count), "\(name)")
                }
                for last in ["open/app", "team/app", "team/apx", "teamwork", "zzz"] {
                    let rest = try await catalog("?last=\(last)", caller, town)
                    #expect(rest == names.filter { $0 > last }, "\(caller.rawValue) after \(last)")
                }
            }
        }
    }

    private func catalog(_ query: String, _ caller: Caller, _ town: Town) async throws -> [String] {
        struct Catalog: Decodable { var repositories: [String] }
        let answer = try await town.send(TestRequest("GET", "/v2/_catalog\(query)"), as: caller)
        return try JSONDecoder().decode(Catalog.self, from: Data(answer.body)).repositories
    }

    @Test func `the list of projects shows each caller those that they may see`() async throws {
        struct Projects: Decodable {
            struct Item: Decodable { var name: String }
            var items: [Item]
        }
        let (all, team) = (["open", "team", "team/sub", "teamwork"], ["open", "team", "team/sub"])
        let wanted: [Caller: [String]] = [
            .none: ["open"], .list: team, .read: team, .write: team, .maint: team, .admin: team,
            .near: ["open", "teamwork"], .mixed: team, .deny: team, .root: all, .robot: team, .fleet: all,
            .limitedToken: [], .pullBearer: [], .pushBearer: [], .socket: all,
        ]
        try await Town.with { town in
            for (caller, names) in wanted {
                let answer = try await town.send(TestRequest("GET", "/api/v1/projects"), as: caller)
                let list = try JSONDecoder().decode(Projects.self, from: Data(answer.body)).items.map(\.name)
                #expect(list == names, "\(caller.rawValue)")
            }
        }
    }

    @Test func `a token says of scopes that were asked for only what policy gives, there or not`() async throws {
        struct Grant: Decodable { var scope: String }
        try await Town.with { town in
            let scopes = ["team/app", "team/apx", "teamwork/app", "teamwork/apx"]
            let query = scopes.map { "scope=repository:\($0):pull,push,delete" }.joined(separator: "&")
            let wanted: [Caller: [String]] = [
                .anonymous: [], .none: [], .deny: [],
                .read: ["repository:team/app:pull", "repository:team/apx:pull"],
                .near: ["repository:teamwork/app:pull,push,delete", "repository:teamwork/apx:pull,push,delete"],
            ]
            for (caller, granted) in wanted {
                let answer = try await town.send(TestRequest("GET", "/token?\(query)"), as: caller)
                let scope = try JSONDecoder().decode(Grant.self, from: Data(answer.body)).scope
                #expect(scope == granted.joined(separator: " "), "\(caller.rawValue)")
            }
        }
    }
}

extension Sequence where Element: Sendable {
    /// Each element, changed one after another.
    fileprivate func asyncMap<Value>(_ change: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await change(element)) }
        return values
    }
}

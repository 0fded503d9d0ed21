import Foundation
import Testing

@testable import ContainerTools

@Suite struct LoginReadingTests {
    private let test: TestMachine

    init() throws {
        test = try TestMachine()
    }

    private func docker(_ json: String) throws {
        try test.write(json, to: ".docker/config.json")
    }

    @Test(arguments: [
        (#"{"auth":"YW5uOnB3"}"#, StoredLogin.password(user: "ann", password: "pw")),
        (#"{"auth":"YW5uOmE6Yg=="}"#, .password(user: "ann", password: "a:b")),
        (#"{"auth":"YW5uOnB3AAA="}"#, .password(user: "ann", password: "pw")),
        (#"{"auth":"YW5uOg=="}"#, .password(user: "ann", password: "")),
        (#"{"username":"ann","password":"pw"}"#, .password(user: "ann", password: "pw")),
        (#"{"auth":"","username":"ann","password":"pw","email":"a@b"}"#, .password(user: "ann", password: "pw")),
        (#"{"identitytoken":"tok"}"#, .identityToken(user: nil, token: "tok")),
        (#"{"auth":"YW5uOg==","identitytoken":"tok"}"#, .identityToken(user: "ann", token: "tok")),
        (#"{"registrytoken":"tok","auth":null}"#, .registryToken("tok")),
    ])
    func `every form of a login in Docker's file is read`(entry: String, login: StoredLogin) throws {
        try docker(#"{"HttpHeaders":{"A":"b"},"auths":{"other":{},"registry.example":\#(entry)},"x":[1]}"#)
        let found = try #require(try test.logins.login(for: "registry.example"))
        #expect(found.login == login)
        #expect(found.place == .file(path: test.path(".docker/config.json")))
        #expect(try test.logins.login(for: "registry.example:5000") == nil)
        #expect(try test.logins.login(for: "other") == nil)
    }

    @Test(arguments: [
        ("https://registry.example/v2/", "registry.example"), ("http://registry.example", "registry.example"),
        ("Registry.Example", "registry.example"), ("registry.example/", "REGISTRY.example"),
        ("registry.example/v2/", "registry.example"), ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "registry-1.docker.io"), ("index.docker.io", "docker.io"), ("[::1]:5000", "[::1]:5000"),
        ("https://registry.example:5000/v1/", "registry.example:5000"),
    ])
    func `a registry is found under all names that tools write`(key: String, host: String) throws {
        try docker(#"{"auths":{"\#(key)":{"auth":"YW5uOnB3"}}}"#)
        let found = try test.logins.login(for: host)
        #expect(found?.login == .password(user: "ann", password: "pw"))
        #expect(found?.key == key)
    }

    @Test(arguments: [
        ("team/app", "app"), ("team/app/x", "app"), ("team/other", "team"), ("team", "team"), ("team2/app", "all"),
        ("tea", "all"), (nil, "all"),
    ])
    func `the login with the longest path is taken`(repository: String?, user: String) throws {
        let keys = [
            ("registry.example", "all"), ("registry.example/team/app", "app"), ("registry.example/team", "team"),
        ]
        let auths = keys.map { #""\#($0.0)":{"auth":"\#(base64($0.1 + ":pw"))"}"# }.joined(separator: ",")
        try test.write("{\"auths\":{\(auths)}}", to: ".config/containers/auth.json")
        #expect(try test.logins.login(for: "registry.example", repository: repository)?.login.user == user)
    }

    @Test func `files are asked in podman's order and an explicit one alone`() throws {
        func auths(_ user: String) -> String { #"{"auths":{"r.example":{"auth":"\#(base64(user + ":x"))"}}}"# }
        func user(_ machine: Machine) throws -> String? {
            try LoginStore(machine: machine).login(for: "r.example")?.login.user
        }
        try test.write(#"{"r.example":{"auth":"\#(base64("legacy:x"))"}}"#, to: ".dockercfg")
        #expect(try user(test.machine) == "legacy")
        try docker(auths("docker"))
        #expect(try user(test.machine) == "docker")
        let inVariable = test.with(["DOCKER_AUTH_CONFIG": auths("variable")])
        #expect(try user(inVariable) == "variable")
        #expect(
            try LoginStore(machine: inVariable).login(for: "r.example")?.place == .environment("DOCKER_AUTH_CONFIG")
        )
        try test.write(auths("mine"), to: ".config/containers/auth.json")
        #expect(try user(inVariable) == "mine")
        try test.write(auths("session"), to: "/run/containers/1000/auth.json")
        #expect(try user(test.machine) == "session")
        let runtime = test.with(["XDG_RUNTIME_DIR": test.path("runtime")])
        #expect(try user(runtime) == "mine")
        try test.write(auths("runtime"), to: "runtime/containers/auth.json")
        #expect(try user(runtime) == "runtime")
        let explicit = try test.write(auths("explicit"), to: "explicit.json")
        #expect(try user(test.with(["REGISTRY_AUTH_FILE": explicit])) == "explicit")
        #expect(try user(test.with(["REGISTRY_AUTH_FILE": test.path("nothing.json")])) == nil)
        #expect(try user(test.with(["REGISTRY_AUTH_FILE": "/dev/null"])) == nil)
        #expect(try LoginStore(machine: runtime, file: explicit).login(for: "r.example")?.login.user == "explicit")
    }

    @Test func `Docker's folder can lie elsewhere`() throws {
        try test.write(#"{"auths":{"r.example":{"auth":"YW5uOnB3"}}}"#, to: "elsewhere/config.json")
        let machine = test.with(["DOCKER_CONFIG": test.path("elsewhere")])
        #expect(try LoginStore(machine: machine).login(for: "r.example")?.login.user == "ann")
    }

    @Test(arguments: ["", " \n", "{}", #"{"auths":null}"#, #"{"auths":{}}"#, #"{"credsStore":""}"#])
    func `a file without logins has none`(text: String) throws {
        try docker(text)
        #expect(try test.logins.login(for: "r.example") == nil)
        #expect(test.logins.problems() == [])
    }

    @Test(arguments: [
        ("{\n\"auths\": {\n \"a\" {}\n}}", 3, "the file is not JSON: column 6: a colon is missing; mend it"),
        ("[]", 1, "the file must be a JSON object, in braces"),
        ("\u{feff}{}", 1, "the file begins with a byte order mark, which container tools refuse: save it as UTF-8"),
        ("{\"auths\":\n[]}", 1, "\"auths\" must be an object, in braces"),
        ("{\"auths\":{\n\"r.example\":1}}", 2, "the login of \"r.example\" must be an object, in braces"),
        (
            "{\"auths\":{\n\n\"r.example\":{\"auth\":true}}}", 3,
            "the \"auth\" of \"r.example\" must be a text, in quotes"
        ),
        (
            "{\"auths\":{\"r.example\":{\"auth\":\"%%\"}}}", 1,
            "the \"auth\" of \"r.example\" is not user:password in base64"
        ),
        ("{\"auths\":{\"r.example\":{\"auth\":\"YW5u\"}}}", 1, "the \"auth\" of \"r.example\" is not user:password"),
        ("{\n\"credsStore\": 3}", 2, "\"credsStore\" must be the name of a helper"),
        ("{\"credHelpers\":{\n\"r.example\": []}}", 2, "\"credHelpers\" must give \"r.example\" the name of a helper"),
    ])
    func `a file that cannot be understood is told with its line`(text: String, line: Int, message: String) throws {
        try docker(text)
        let problem = try problem { _ = try test.logins.login(for: "r.example") }
        #expect(problem.path == test.path(".docker/config.json"))
        #expect(problem.line == line)
        #expect(problem.message.hasPrefix(message), "\(problem)")
        #expect(test.logins.problems().contains(problem))
        #expect("\(problem)".hasPrefix("\(problem.path):\(line): "))
    }

    @Test func `hostile files end in a sentence`() throws {
        try test.write([UInt8](repeating: 0x20, count: 10 << 20), to: ".docker/config.json")
        #expect(try problem { _ = try test.logins.login(for: "a") }.message.contains("larger than 1 MiB"))
        try docker(#"{"auths":"# + String(repeating: #"{"a":"#, count: 100_000))
        #expect(try problem { _ = try test.logins.login(for: "a") }.message.contains("more than 64 levels"))
        try test.write([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d], to: ".docker/config.json")
        #expect(try problem { _ = try test.logins.login(for: "a") }.message.contains("not UTF-8"))
        try FileManager.default.removeItem(atPath: test.path(".docker/config.json"))
        try FileManager.default.createDirectory(
            atPath: test.path(".docker/config.json"),
            withIntermediateDirectories: false
        )
        #expect(try problem { _ = try test.logins.login(for: "a") }.code == .unreadableFile)
        try FileManager.default.removeItem(atPath: test.path(".docker/config.json"))
        #expect(mkfifo(test.path(".docker/config.json"), 0o600) == 0)
        #expect(try problem { _ = try test.logins.login(for: "a") }.message.contains("this is no file"))
    }

    @Test func `a login is never printed with its secret`() throws {
        try docker(#"{"auths":{"r.example":{"auth":"\#(base64("ann:hunter2"))"}}}"#)
        let found = try #require(try test.logins.login(for: "r.example"))
        var dumped = ""
        dump(found, to: &dumped)
        let logins = [found.login, .identityToken(user: "ann", token: "hunter2"), .registryToken("hunter2")]
        for text in [dumped, "\(found)", String(reflecting: found), "\(logins)", String(reflecting: logins)] {
            #expect(!text.contains("hunter2"))
        }
        #expect("\(found.login)" == "the password of ann")
    }

    @Test func `a file with passwords that everybody can read is told`() throws {
        try test.write(#"{"auths":{"r.example":{"auth":"YW5uOnB3"}}}"#, to: ".docker/config.json", mode: 0o644)
        let problems = test.logins.problems()
        #expect(problems.map(\.code) == [.worldReadable])
        #expect(problems.map(\.severity) == [.warning])
        try test.write(#"{"auths":{"r.example":{}}}"#, to: ".docker/config.json", mode: 0o644)
        #expect(test.logins.problems() == [])
    }
}

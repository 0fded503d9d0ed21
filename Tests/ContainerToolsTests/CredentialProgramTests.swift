import Foundation
import Testing

@testable import ContainerTools

@Suite struct CredentialProgramTests {
    private let test: TestMachine

    init() throws {
        test = try TestMachine()
    }

    private func config(_ json: String) throws {
        try test.write(json, to: ".docker/config.json")
    }

    private func message(_ lines: String, timeMax: Duration = .seconds(20)) throws -> String {
        try config(#"{"credsStore":"odd"}"#)
        try test.program("docker-credential-odd", lines)
        let store = LoginStore(machine: test.machine, helperTimeMax: timeMax)
        return try problem { _ = try store.login(for: "r.example") }.message
    }

    @Test func `a login comes from the helper that is named for the registry`() throws {
        try test.program("docker-credential-one", #"echo "{\"Username\":\"one\",\"Secret\":\"$(cat)\"}""#)
        try test.program("docker-credential-all", #"echo '{"ServerURL":"x","Username":"<token>","Secret":"t"}'"#)
        try config(#"{"credHelpers":{"https://r.example/":"one","file.example":""},"credsStore":"all"}"#)
        let one = try #require(try test.logins.login(for: "r.example", repository: "team/app"))
        #expect(one.login == .password(user: "one", password: "r.example"))
        #expect(one.place == .helper(name: "one", namedIn: test.path(".docker/config.json")))
        #expect(try test.logins.login(for: "other.example")?.login == .identityToken(user: nil, token: "t"))
        #expect(try test.logins.login(for: "file.example") == nil)
    }

    @Test func `Docker Hub has its old address for helpers`() throws {
        try test.keepingHelper("keep")
        try config(#"{"credsStore":"keep"}"#)
        let login = StoredLogin.password(user: "ann", password: "pw")
        #expect(
            try test.logins.store(login, for: "docker.io")
                == .helper(name: "keep", namedIn: test.path(".docker/config.json"))
        )
        #expect(test.kept("https://index.docker.io/v1/") != nil)
        #expect(try test.logins.login(for: "registry-1.docker.io")?.login == login)
        #expect(try test.text(".docker/config.json").contains(#""https://index.docker.io/v1/": {}"#))
    }

    @Test func `a helper keeps and forgets, and the file keeps no secret`() throws {
        try test.keepingHelper("keep")
        try config(#"{"auths":{"registry.example":{"auth":"YW5uOm9sZA=="}},"credHelpers":{"registry.example":"keep"}}"#)
        #expect(try test.logins.login(for: "registry.example")?.login == .password(user: "ann", password: "old"))
        let login = StoredLogin.password(user: "ann", password: "q\"uo\\te\n\u{1F511}")
        let place = try test.logins.store(login, for: "registry.example")
        #expect("\(place)".hasPrefix("the credential helper docker-credential-keep"))
        #expect(try test.logins.login(for: "registry.example")?.login == login)
        #expect(try !test.text(".docker/config.json").contains("\"auth\""))
        #expect(try test.logins.logins() == [ListedLogin(key: "registry.example", user: "ann", place: place)])
        let token = StoredLogin.identityToken(user: nil, token: "tok")
        try test.logins.store(token, for: "registry.example")
        #expect(try test.logins.login(for: "registry.example")?.login == token)
        #expect(throws: ToolFileProblem.self) { try test.logins.store(.registryToken("t"), for: "registry.example") }

        let removal = try test.logins.remove(for: "registry.example")
        #expect(removal.removed == [place])
        #expect(try test.text(".docker/config.json").contains("\"auths\": {}"), "nor does a mark stay")
        #expect(test.kept("registry.example") == nil)
        #expect(try test.logins.login(for: "registry.example") == nil)
        #expect(try test.logins.remove(for: "registry.example") == LoginRemoval(removed: [], remaining: []))
    }

    @Test func `a helper that is not there is named with what to do`() throws {
        try config(#"{"credsStore":"desktop","auths":{"old.example":{"auth":"YW5uOnB3"}}}"#)
        let problem = try problem { _ = try test.logins.login(for: "r.example") }
        #expect(problem.code == .missingHelper)
        #expect(problem.message.contains("docker-credential-desktop, which this file names, is not in PATH"))
        #expect(test.logins.problems().map(\.code) == [.missingHelper])
        #expect(try test.logins.login(for: "old.example")?.login.user == "ann", "the file itself has this one")
        #expect(throws: ToolFileProblem.self) { try test.logins.remove(for: "r.example") }
        let file = LoginPlace.file(path: test.path(".docker/config.json"))
        #expect(try test.logins.remove(for: "old.example").removed == [file])
    }

    @Test(arguments: ["../evil", "a b", "a/b", "a;b", "ä", String(repeating: "a", count: 65)])
    func `a name that is no name of a helper is refused`(name: String) throws {
        try config(#"{"credsStore":"\#(name)"}"#)
        let problem = try problem { _ = try test.logins.login(for: "r.example") }
        #expect(problem.code == .missingHelper)
        #expect(problem.message.contains("has only letters, digits"))
    }

    @Test func `a program in the folder where one stands is not started`() throws {
        try config(#"{"credsStore":"odd"}"#)
        try test.program("docker-credential-odd", "echo '{}'")
        let machine = test.with(["PATH": ".::relative"])
        #expect(try problem { _ = try LoginStore(machine: machine).login(for: "a") }.code == .missingHelper)
    }

    @Test func `a helper that fails is told with its complaint and never with a secret`() throws {
        #expect(
            try message("echo 'vault is sealed'; exit 2").hasSuffix(
                "ended with status 2 when asked to \"get\": vault is sealed"
            )
        )
        #expect(try message("echo no >&2; exit 1").hasSuffix("ended with status 1 when asked to \"get\": no"))
        let secret = try message(#"echo '{"Secret":"hunter2"}'; exit 1"#)
        #expect(secret.hasSuffix("ended with status 1 when asked to \"get\""))
        #expect(try message("echo hunter2").hasSuffix("answered \"get\" with something that is not JSON"))
        #expect(try message(#"echo '{"Username":"u","Secret":7}'"#).contains("without a text under"))
        #expect(try message("yes").hasSuffix("wrote more than 64 KiB in answer to \"get\""))
        #expect(try message("kill -9 $$").hasSuffix("was ended by signal 9 when asked to \"get\""))
    }

    @Test func `a helper that never ends is ended`() throws {
        let begin = ContinuousClock.now
        let said = try message("echo locked >&2; sleep 600", timeMax: .milliseconds(1500))
        #expect(said.contains("did not end within 1.5 seconds") && said.hasSuffix(": locked"), "\(said)")
        #expect(ContinuousClock.now - begin < .seconds(10))
    }

    @Test func `a helper has the environment of the caller and reads only what it is for`() throws {
        try config(#"{"credHelpers":{"r.example":"env"}}"#)
        try test.program("docker-credential-env", #"echo "{\"Username\":\"$GREETING $1\",\"Secret\":\"$(cat)|$#\"}""#)
        let machine = test.with(["GREETING": "hello"])
        let found = try LoginStore(machine: machine).login(for: "r.example")
        #expect(found?.login == .password(user: "hello get", password: "r.example|1"))
    }
}

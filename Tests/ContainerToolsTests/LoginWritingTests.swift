import Dispatch
import Foundation
import RegistryTesting
import Synchronization
import Testing

@testable import ContainerTools

@Suite struct LoginWritingTests {
    private let test: TestMachine
    private let login = StoredLogin.password(user: "ann", password: "pw")

    init() throws {
        test = try TestMachine()
    }

    private let config = ".docker/config.json"

    @Test func `a login makes Docker's file for its owner alone`() throws {
        #expect(try test.logins.store(login, for: "r.example") == .file(path: test.path(config)))
        #expect(
            try test.text(config)
                == "{\n\t\"auths\": {\n\t\t\"r.example\": {\n\t\t\t\"auth\": \"YW5uOnB3\"\n\t\t}\n\t}\n}\n"
        )
        #expect(try test.mode(config) == 0o600)
        #expect(try test.mode(".docker") == 0o700)
        #expect(try test.logins.login(for: "r.example")?.login == login)
    }

    @Test(arguments: [
        StoredLogin.password(user: "ann", password: "a:b\u{1F511}"), .identityToken(user: "ann", token: "t"),
        .identityToken(user: nil, token: "t"), .registryToken("t"),
    ])
    func `what is stored is found again`(login: StoredLogin) throws {
        for host in ["r.example:5000", "docker.io", "[::1]:5000", "127.0.0.1"] {
            try test.logins.store(login, for: host)
            #expect(try test.logins.login(for: host)?.login == login)
        }
        #expect(try test.logins.logins().map(\.key).contains("https://index.docker.io/v1/"))
    }

    @Test func `all else in the file stays, in its order and with its digits`() throws {
        let before =
            #"{"zeta":1.10,"auths":{"b":{"auth":"Yjpi"},"a":{"auth":"YTph"}},"HttpHeaders":{"X":"y"},"#
            + #""psFormat":"\u00e4<"}"#
        try test.write(before, to: config, mode: 0o644)
        try test.logins.store(login, for: "a")
        try test.logins.store(login, for: "c")
        let text = try test.text(config)
        let places = ["\"zeta\": 1.10", "\"b\"", "\"a\"", "\"c\"", "HttpHeaders", "\"psFormat\": \"ä<\""].map { part in
            text.range(of: part)?.lowerBound
        }
        #expect(!places.contains(nil))
        #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
        #expect(try test.mode(config) == 0o600, "nobody else has a right to read it")
    }

    @Test func `one registry has one entry, whatever it was called`() throws {
        try test.write(#"{"auths":{"https://r.example/v2/":{"auth":"b2xkOm9sZA=="},"R.example":{}}}"#, to: config)
        try test.logins.store(login, for: "r.example")
        #expect(try test.logins.logins().map(\.key) == ["r.example"])
        let removal = try test.logins.remove(for: "r.example")
        #expect(removal == LoginRemoval(removed: [.file(path: test.path(config))], remaining: []))
        #expect(try test.logins.remove(for: "r.example").removed == [])
        #expect(try test.text(config) == "{\n\t\"auths\": {}\n}\n")
    }

    @Test func `a login for a path stands beside that for the registry`() throws {
        try test.logins.store(login, for: "r.example")
        try test.logins.store(.password(user: "bob", password: "x"), for: "r.example/team")
        #expect(try test.logins.login(for: "r.example", repository: "team/app")?.login.user == "bob")
        #expect(try test.logins.login(for: "r.example", repository: "other")?.login.user == "ann")
        _ = try test.logins.remove(for: "r.example/team")
        #expect(try test.logins.login(for: "r.example", repository: "team/app")?.login.user == "ann")
    }

    @Test func `a login goes where an older one would win over it`() throws {
        try test.write(#"{"auths":{"docker.io":{"auth":"b2xkOm9sZA=="}}}"#, to: ".config/containers/auth.json")
        let place = try test.logins.store(login, for: "docker.io")
        #expect(place == .file(path: test.path(".config/containers/auth.json")))
        #expect(try test.logins.login(for: "docker.io")?.login == login)
        #expect(try test.logins.logins().map(\.key) == ["docker.io"])
        let file = test.path("mine.json")
        let explicit = LoginStore(machine: test.with(["REGISTRY_AUTH_FILE": file]))
        #expect(try explicit.store(login, for: "r.example") == .file(path: file))
    }

    @Test func `logging out empties all files, and says where it cannot`() throws {
        try test.write(#"{"auths":{"r.example":{"auth":"YW5uOnB3"}}}"#, to: ".config/containers/auth.json")
        try test.write(#"{"auths":{"r.example":{"auth":"YW5uOnB3"}}}"#, to: config)
        let variable = test.with(["DOCKER_AUTH_CONFIG": #"{"auths":{"r.example":{"auth":"YW5uOnB3"}}}"#])
        let removal = try LoginStore(machine: variable).remove(for: "r.example")
        #expect(removal.removed == [".config/containers/auth.json", config].map { .file(path: test.path($0)) })
        #expect(removal.remaining == [.environment("DOCKER_AUTH_CONFIG")])
        #expect(try test.logins.login(for: "r.example") == nil)
    }

    @Test func `a file that is not understood is left as it is`() throws {
        for text in ["{\"auths\": {", "\u{feff}{}", "{\"auths\": 3}", "[1]"] {
            try test.write(text, to: config)
            #expect(throws: ToolFileProblem.self) { try test.logins.store(login, for: "r.example") }
            #expect(throws: ToolFileProblem.self) { try test.logins.remove(for: "r.example") }
            #expect(FileManager.default.contents(atPath: test.path(config)) == Data(text.utf8))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: test.path(".docker"))
        #expect(Set(names).subtracting(["config.json", ".config.json.lock"]) == [], "no drafts are left")
        #expect(throws: ToolFileProblem.self) { try test.logins.store(.password(user: "a:b", password: ""), for: "r") }
    }

    @Test func `a link stays a link and its file is changed`() throws {
        try test.write("{}", to: "dotfiles/docker.json")
        try FileManager.default.createDirectory(atPath: test.path(".docker"), withIntermediateDirectories: true)
        let link = test.path(config)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../dotfiles/docker.json")
        try test.logins.store(login, for: "r.example")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "../dotfiles/docker.json")
        #expect(try test.text("dotfiles/docker.json").contains("YW5uOnB3"))
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "config.json")
        #expect(throws: ToolFileProblem.self) { try test.logins.store(login, for: "r.example") }
    }

    @Test func `logins at the same time are all kept`() throws {
        let failures = Mutex<[String]>([])
        let test = test
        DispatchQueue.concurrentPerform(iterations: 40) { number in
            do {
                try test.logins.store(.password(user: "u\(number)", password: "p"), for: "r\(number).example")
                if number % 4 == 3 { _ = try test.logins.remove(for: "r\(number).example") }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        let users = Set(try test.logins.logins().compactMap(\.user))
        #expect(users == Set((0..<40).filter { $0 % 4 != 3 }.map { "u\($0)" }))
    }

    @Test func `a reader never sees half of a file`() throws {
        try test.logins.store(login, for: "always.example")
        let test = test
        let login = login
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            for round in 0..<50 {
                do {
                    if number == 0 {
                        try test.logins.store(login, for: "r\(round).example")
                    } else if try test.logins.login(for: "always.example")?.login != login {
                        failures.withLock { $0.append("lost in round \(round)") }
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test func `Docker's own client finds what was written, and takes it away`() async throws {
        for host in ["r.example", "docker.io"] { try test.logins.store(login, for: host) }
        let folder = test.path(".docker")
        let said = try await Command("docker", ["--config", folder, "logout", "r.example"]).output()
        #expect(said.contains("Removing login credentials for r.example"))
        #expect(try test.logins.login(for: "r.example") == nil)
        #expect(try test.logins.login(for: "docker.io")?.login == login)
        let hub = try await Command("docker", ["--config", folder, "logout"]).output()
        #expect(hub.contains("Removing login credentials for https://index.docker.io/v1/"))
        #expect(try test.logins.logins() == [])
    }

    @Test func `podman finds what was written in either file`() async throws {
        try test.logins.store(login, for: "r.example:5000")
        try test.logins.store(.password(user: "bob", password: "x"), for: "r.example:5000/team")
        let auth = test.path("auth.json")
        try LoginStore(machine: test.with(["REGISTRY_AUTH_FILE": auth])).store(login, for: "docker.io")
        func user(_ file: String, _ host: String) async throws -> String {
            try await Command("podman", ["login", "--get-login", "--authfile", file, host]).output()
        }
        #expect(try await user(test.path(config), "r.example:5000") == "ann\n")
        #expect(try await user(test.path(config), "r.example:5000/team") == "bob\n")
        #expect(try await user(auth, "docker.io") == "ann\n")
        #expect(try test.text("auth.json").contains("\"docker.io\""))
    }
}

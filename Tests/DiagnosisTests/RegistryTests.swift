import ContainerTools
import Foundation
import HTTPServing
import NIOHTTP1
import OCI
import Outgoing
import RegistryClient
import RegistryTesting
import Testing

@testable import Diagnosis

/// What a registry answers: each failure is provoked, mended as it says where that can be done here, and then gone.
@Suite struct RegistryTests {
    /// What a registry that is bent so has for a failure.
    private func failure(
        _ reference: String = "team/app:1.0",
        _ bent: @escaping @Sendable (ServerRequest) -> ServerResponse?
    ) async throws -> Finding {
        var found: Finding?
        try await ScriptedServer.run(SampleRegistry(bent: bent).answer) { server in
            found = try await TestMachine().failure("127.0.0.1:\(server.port)/\(reference)")
        }
        return try #require(found)
    }

    @Test(arguments: [200, 404, 403, 400])
    func `a page for people in the place of a registry is told`(status: Int) async throws {
        let finding = try await failure { _ in SampleRegistry.page(.init(statusCode: status)) }
        let code = status == 403 ? "denied" : status == 400 ? finding.fault?.code : "not-a-registry"
        #expect(finding.fault?.code == code && [.api, .tls].contains(finding.step), "\(finding)")
    }

    @Test func `an address that sends on is told with where to`() async throws {
        let finding = try await failure { _ in
            ServerResponse(.movedPermanently, headers: ["Location": "https://registry.example/v2/?a=b"])
        }
        #expect(
            finding.fault?.code == "moved" && finding.seen.contains("to https://registry.example/v2/."),
            "\(finding)"
        )
    }

    @Test(arguments: [500, 502, 503])
    func `a registry that is broken by itself is told`(status: Int) async throws {
        let finding = try await failure { _ in SampleRegistry.page(.init(statusCode: status)) }
        #expect(finding.fault?.code == "server-error" && finding.step == .api, "\(finding)")
    }

    @Test func `a limit that is reached is told with how long it lasts`() async throws {
        let finding = try await failure { request in
            request.target.contains("/manifests/")
                ? SampleRegistry.refusal(.tooManyRequests, "TOOMANYREQUESTS", ["Retry-After": "60"]) : nil
        }
        #expect(finding.fault?.code == "rate-limited" && finding.step == .manifest && finding.seen.contains("60 s"))
        #expect(finding.mends.contains { $0.commands.contains { $0.hasPrefix("wharf mirror generate") } })
    }

    @Test func `what is left of the pulls is told, and that none are is a warning`() async throws {
        for (left, state) in [("5", Finding.State.good), ("0", .warning)] {
            let answer: @Sendable (ServerRequest) -> ServerResponse? = { request in
                guard request.target.contains("/manifests/") else { return nil }
                var usual = SampleRegistry.usual(request)
                usual.headers.add(name: "ratelimit-limit", value: "100;w=21600")
                usual.headers.add(name: "ratelimit-remaining", value: "\(left);w=21600")
                usual.headers.add(name: "docker-ratelimit-source", value: "192.0.2.1")
                return usual
            }
            try await ScriptedServer.run(SampleRegistry(bent: answer).answer) { server in
                let findings = try await TestMachine().findings("127.0.0.1:\(server.port)/team/app:1.0")
                let finding = try #require(findings[.rateLimit])
                #expect(finding.state == state, "\(findings.shown)")
                #expect(finding.seen == "\(left) pulls are left of 100 in 6 h, counted for 192.0.2.1.")
            }
        }
    }

    // MARK: - Who one is

    @Test(arguments: [
        ([], "does not say"), ([("WWW-Authenticate", "Negotiate")], "negotiate"),
        ([("WWW-Authenticate", "Bearer realm=\"http://other.example/token\"")], "read the password along"),
        ([("WWW-Authenticate", "Bearer service=\"x\"")], "does not say where"),
    ])
    func `a challenge that cannot be followed is told`(fields: [(String, String)], told: String) async throws {
        let finding = try await failure { _ in
            SampleRegistry.refusal(.unauthorized, "UNAUTHORIZED", HTTPHeaders(fields))
        }
        #expect(finding.fault?.code == "bad-challenge" && finding.step == .challenge, "\(finding)")
        #expect(finding.seen.contains(told), "\(finding.seen)")
    }

    /// A registry that wants name and password, with a token between or not.
    private static func closed(isToken: Bool) -> SampleRegistry {
        let good = "Basic \(Data("alice:right".utf8).base64EncodedString())"
        return SampleRegistry { request in
            let sent = request.headers.first(name: "Authorization")
            if request.target.hasPrefix("/token") {
                return sent == good
                    ? SampleRegistry.json(#"{"token":"t1"}"#) : SampleRegistry.refusal(.unauthorized, "UNAUTHORIZED")
            }
            guard sent != (isToken ? "Bearer t1" : good) else { return nil }
            let realm = request.headers.first(name: "Host") ?? ""
            let challenge = isToken ? "Bearer realm=\"http://\(realm)/token\",service=\"s\"" : "Basic realm=\"r\""
            return SampleRegistry.refusal(.unauthorized, "UNAUTHORIZED", ["WWW-Authenticate": challenge])
        }
    }

    @Test(arguments: [true, false])
    func `a missing login, a wrong password, and the right one`(isToken: Bool) async throws {
        let machine = try TestMachine()
        try await ScriptedServer.run(Self.closed(isToken: isToken).answer) { server in
            let host = "127.0.0.1:\(server.port)"
            let missing = try await machine.failure("\(host)/team/app:1.0")
            #expect(missing.fault?.code == "login-missing" && missing.step == .token, "\(missing)")
            #expect(try missing.mend(.wharf).commands == ["wharf login \(host)"])
            let store = LoginStore(machine: machine.machine)
            _ = try store.store(.password(user: "alice", password: "wrong"), for: host)
            let wrong = try await machine.failure("\(host)/team/app:1.0")
            #expect(wrong.fault?.code == "wrong-password" && wrong.step == .token, "\(wrong)")
            #expect(wrong.seen.contains("config.json") && !wrong.seen.contains("wrong-password"), "\(wrong.seen)")
            _ = try store.store(.password(user: "alice", password: "right"), for: host)
            try await machine.expectGood("\(host)/team/app:1.0")
        }
    }

    @Test(arguments: [true, false])
    func `a login that the cloud's own service gives is used as the other commands use it`(isToken: Bool) async throws {
        let machine = try TestMachine()
        try await ScriptedServer.run(Self.closed(isToken: isToken).answer) { server in
            let name = "127.0.0.1:\(server.port)/team/app:1.0"
            try await machine.expectGood(name) { $0.otherLogins = CloudLogins(password: "right") }
            let findings = try await machine.findings(name) { $0.otherLogins = CloudLogins(password: "right") }
            let files = try #require(findings.first { $0.step == .files })
            #expect(files.seen.contains("own service gives") && !files.seen.contains("right"), "\(files.seen)")
            let wrong = try await machine.failure(name) { $0.otherLogins = CloudLogins(password: "wrong") }
            #expect(wrong.fault?.code == "wrong-password", "\(wrong)")
            let none = try await machine.findings(name) { $0.otherLogins = CloudLogins(password: nil) }
            let told = try #require(none.first { $0.step == .files })
            #expect(told.seen.contains("gives none: no keys"), "\(told.seen)")
            // What a file has comes first.
            let store = LoginStore(machine: machine.machine)
            _ = try store.store(.password(user: "alice", password: "right"), for: "127.0.0.1:\(server.port)")
            try await machine.expectGood(name) { $0.otherLogins = CloudLogins(password: "wrong") }
        }
    }

    @Test func `a login that stands in the way of what is open is told`() async throws {
        let machine = try TestMachine()
        let open = SampleRegistry { request in
            let sent = request.headers.first(name: "Authorization")
            if request.target.hasPrefix("/token") {
                return sent == nil
                    ? SampleRegistry.json(#"{"access_token":"t2"}"#) : SampleRegistry.refusal(.unauthorized, "DENIED")
            }
            guard sent != "Bearer t2" else { return nil }
            let challenge = "Bearer realm=\"http://\(request.headers.first(name: "Host") ?? "")/token\""
            return SampleRegistry.refusal(.unauthorized, "UNAUTHORIZED", ["WWW-Authenticate": challenge])
        }
        try await ScriptedServer.run(open.answer) { server in
            let host = "127.0.0.1:\(server.port)"
            let store = LoginStore(machine: machine.machine)
            _ = try store.store(.password(user: "alice", password: "old"), for: host)
            let finding = try await machine.failure("\(host)/team/app:1.0")
            #expect(finding.fault?.code == "wrong-password" && finding.seen.contains("take the login away"))
            #expect(finding.mends.contains { $0.commands.contains("wharf logout \(host)") })
            _ = try store.remove(for: host)
            try await machine.expectGood("\(host)/team/app:1.0")
        }
    }

    @Test func `a token service that is not there is told apart from the registry`() async throws {
        let port = try FreePort.find()
        let finding = try await failure { _ in
            let challenge = "Bearer realm=\"http://127.0.0.1:\(port)/token\",service=\"s\""
            return SampleRegistry.refusal(.unauthorized, "UNAUTHORIZED", ["WWW-Authenticate": challenge])
        }
        #expect(finding.fault?.code == "token-service-unreachable" && finding.step == .token, "\(finding)")
        #expect(finding.seen.contains("127.0.0.1:\(port)"))
    }

    // MARK: - The image

    @Test(arguments: [HTTPResponseStatus.forbidden, .unauthorized])
    func `what one may not have is told`(status: HTTPResponseStatus) async throws {
        let finding = try await failure { request in
            request.target.contains("/manifests/") ? SampleRegistry.refusal(status, "DENIED") : nil
        }
        let code = status == .forbidden ? "denied" : "bad-challenge"
        #expect(finding.fault?.code == code && finding.step == .manifest, "\(finding)")
    }

    @Test func `a tag that is not there is told with the nearest, which is there`() async throws {
        let machine = try TestMachine()
        try await ScriptedServer.run { server in
            let host = "127.0.0.1:\(server.port)"
            let finding = try await machine.failure("\(host)/team/app:1.00")
            #expect(finding.fault?.code == "tag-unknown" && finding.seen.contains("like it are 1.0"), "\(finding.seen)")
            let command = try #require(try finding.mend(.any).commands.first)
            #expect(command == "docker pull \(host)/team/app:1.0")
            try await machine.expectGood(String(command.dropFirst("docker pull ".count)))
        }
    }

    @Test func `a repository that is not there is told`() async throws {
        let finding = try await failure("team/other:1.0") { _ in nil }
        #expect(finding.fault?.code == "repository-unknown" && finding.step == .manifest, "\(finding)")
    }

    @Test func `an image for other machines is told, and is there for one of them`() async throws {
        let machine = try TestMachine()
        let manifest = SampleManifest(SampleRegistry.manifest, mediaType: .imageManifest)
        let entry =
            #"{"mediaType":"\#(manifest.mediaType)","digest":"\#(manifest.digest)","size":\#(manifest.bytes.count),"#
            + #""platform":{"os":"linux","architecture":"s390x"}}"#
        let index = #"{"schemaVersion":2,"mediaType":"\#(MediaType.imageIndex)","manifests":[\#(entry)]}"#
        let registry = SampleRegistry { request in
            switch request.target {
            case "/v2/team/app/manifests/1.0":
                SampleRegistry.json(index, ["Content-Type": MediaType.imageIndex.description])
            case "/v2/team/app/manifests/\(manifest.digest)":
                SampleRegistry.json(SampleRegistry.manifest, ["Content-Type": manifest.mediaType])
            default: nil
            }
        }
        try await ScriptedServer.run(registry.answer) { server in
            let name = "127.0.0.1:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name)
            #expect(finding.fault?.code == "platform-missing" && finding.seen.contains("linux/s390x"), "\(finding)")
            try await machine.expectGood(name) { $0.platform = Platform(architecture: "s390x", os: "linux") }
        }
    }

    @Test func `a manifest of old is told`() async throws {
        let finding = try await failure { request in
            request.target.contains("/manifests/")
                ? SampleRegistry.json("{}", ["Content-Type": MediaType.dockerManifestSchema1Signed.description]) : nil
        }
        #expect(finding.fault?.code == "old-manifest" && finding.step == .manifest, "\(finding)")
    }

    // MARK: - Its bytes

    @Test func `a layer that is lost is told`() async throws {
        let finding = try await failure { request in
            request.target.contains("/blobs/") ? SampleRegistry.refusal(.notFound, "BLOB_UNKNOWN") : nil
        }
        #expect(finding.fault?.code == "blob-unknown" && finding.step == .blob, "\(finding)")
    }

    @Test func `a storage that cannot be reached is told with its host, and one that can is good`() async throws {
        let dead = try FreePort.find()
        let finding = try await failure { request in
            request.target.contains("/blobs/")
                ? ServerResponse(.temporaryRedirect, headers: ["Location": "http://127.0.0.1:\(dead)/layer?sig=1"])
                : nil
        }
        #expect(
            finding.fault?.code == "storage-unreachable" && finding.seen.contains("127.0.0.1:\(dead)"),
            "\(finding)"
        )
        #expect(!finding.seen.contains("sig=1"), "the query of a signed address is a secret")
        let storage = SampleRegistry { request in
            #expect(request.headers.first(name: "Authorization") == nil)
            return request.target == "/layer?sig=1" ? SampleRegistry.json("a", status: .partialContent) : nil
        }
        try await ScriptedServer.run(storage.answer) { there in
            let place = "http://127.0.0.1:\(there.port)/layer?sig=1"
            let registry = SampleRegistry { request in
                request.target.contains("/blobs/")
                    ? ServerResponse(.temporaryRedirect, headers: ["Location": place]) : nil
            }
            try await ScriptedServer.run(registry.answer) { server in
                try await TestMachine().expectGood("127.0.0.1:\(server.port)/team/app:1.0")
            }
        }
    }

    @Test func `a registry without ranges is a warning`() async throws {
        let registry = SampleRegistry { request in
            request.target.contains("/blobs/") ? SampleRegistry.json("a layer") : nil
        }
        try await ScriptedServer.run(registry.answer) { server in
            let findings = try await TestMachine().findings("127.0.0.1:\(server.port)/team/app:1.0")
            #expect(findings[.blob]?.state == .warning, "\(findings.shown)")
        }
    }
}

/// A cloud's service that gives a password of alice, or says why it has none.
private struct CloudLogins: CredentialSource {
    var password: String?

    func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential? {
        guard let password else { throw NoKeys() }
        return .password(OutgoingCredentials(user: "alice", password: password))
    }

    private struct NoKeys: Error, CustomStringConvertible {
        var description: String { "no keys" }
    }
}

import Foundation
import RegistryTesting
import Testing

@Suite("Trust that is meant for one registry of several")
struct PerRegistryTests {
    /// A registry in the clear with an image, one over TLS that nobody knows, and that one's certificate.
    private static func run(
        _ body: (_ party: VerbParty, _ secure: String, _ certificate: TestCertificate) async throws -> Void
    ) async throws {
        try await VerbParty.with(.wharf) { party in
            let certificate = try await TestCertificate()
            let server = try await WharfProcess.start(
                data: "\(party.folder.path)/secure",
                arguments: ["--tls-certificate", certificate.certificateFile, "--tls-key", certificate.keyFile]
            )
            do {
                try await body(party, server.authority, certificate)
            } catch {
                await server.kill()
                throw error
            }
            await server.stop()
        }
    }

    @Test("an option that would count for two registries without a word is refused before anything moves")
    func refused() async throws {
        try await Self.run { party, secure, certificate in
            let image = try await party.pushImage()
            let (file, key) = (certificate.certificateFile, certificate.keyFile)
            for (option, advice) in [
                (["--plain-http"], "--plain-http-for"), (["--insecure"], "--insecure-for"),
                (["--ca", file], "--ca \(secure)=FILE"),
                (["--client-certificate", file, "--client-key", key], "--client-certificate \(secure)=FILE"),
            ] {
                let result = try await party.run(["copy", image, "\(secure)/team/app:1", "--quiet"] + option)
                #expect(result.status == 64 && result.standardError.contains(advice), "\(option): \(result)")
                #expect(result.standardError.contains(secure) && result.standardError.contains(party.authority))
            }
            // Between two repositories of one registry there is no doubt.
            try await party.output("copy", image, "\(party.authority)/other/app:1", "--plain-http", "--quiet")
        }
    }

    @Test("a certificate is passed over, or believed, at the registry that was named, and at no other")
    func named() async throws {
        try await Self.run { party, secure, certificate in
            let image = try await party.pushImage()
            let target = "\(secure)/team/app:1"
            let stranger = try await party.run(["copy", image, target, "--quiet"])
            #expect(stranger.status == 5 && stranger.standardError.contains("--ca FILE"), "\(stranger)")
            let other = try await party.run(["copy", image, target, "--quiet", "--insecure-for", party.authority])
            #expect(other.status == 5, "\(other)")
            let done = try await party.run(["copy", image, target, "--quiet", "--insecure-for", secure])
            #expect(done.status == 0 && done.standardError.contains("The certificate of \(secure)"), "\(done)")
            let file = certificate.certificateFile
            let wrong = try await party.run(["copy", image, target, "--quiet", "--ca", "\(party.authority)=\(file)"])
            #expect(wrong.status == 5, "\(wrong)")
            try await party.output("copy", image, "\(secure)/team/app:2", "--quiet", "--ca", "\(secure)=\(file)")
            // HTTP in the clear is spoken to the one that was named, although it would be found out to speak TLS.
            let clear = try await party.run(["list", secure, "--insecure-for", secure, "--plain-http-for", secure])
            #expect(clear.status != 0, "\(clear)")
        }
    }

    @Test("an option for a registry that nothing was asked of is remarked, as its name may be mistyped")
    func unasked() async throws {
        try await Self.run { party, secure, certificate in
            let image = try await party.pushImage()
            let options = [
                ["--insecure-for", "other.example"], ["--plain-http-for", "other.example"],
                ["--ca", "other.example=/nowhere"],
            ]
            for option in options {
                let result = try await party.run(["digest", image] + option)
                let remark = "Nothing was asked of other.example, which \(option[0]) was given for"
                #expect(result.status == 0 && result.standardError.contains(remark), "\(result)")
            }
            let named = try await party.run(["digest", image, "--plain-http-for", party.authority])
            #expect(named.status == 0 && named.standardError == "", "\(named)")
            // Where it is why the certificate is not believed, and not where nothing was begun.
            let ca = "other.example=\(certificate.certificateFile)"
            let failed = try await party.run(["list", secure, "--ca", ca])
            #expect(failed.status == 5 && failed.standardError.contains("Nothing was asked of other.example"))
            let wrong = try await party.run(["list", "team/App", "--ca", ca])
            #expect(wrong.status == 64 && !wrong.standardError.contains("Nothing was asked"), "\(wrong)")
        }
    }

    @Test("what registries.conf says of a location is not said of the host that it stands in for")
    func location() async throws {
        try await Self.run { party, secure, _ in
            let image = try await party.pushImage()
            let folder = "\(party.folder.path)/.config/containers"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            func write(_ prefix: String, _ location: String) throws {
                let text = "[[registry]]\nprefix = \"\(prefix)\"\nlocation = \"\(location)\"\ninsecure = true\n"
                try text.write(toFile: "\(folder)/registries.conf", atomically: true, encoding: .utf8)
            }
            try write(secure, party.authority)
            let digest = try await party.output("digest", image)
            #expect(try await party.output("digest", "\(secure)/team/app:1") == digest)
            for words in [["copy", image, "\(secure)/team/app:2", "--quiet"], ["list", secure]] {
                let result = try await party.run(words)
                #expect(result.status == 5 && result.standardError.contains("No TLS with \(secure)"), "\(result)")
            }
            // Any certificate is taken where the location is.
            try await party.output("copy", image, "\(secure)/team/app:2", "--quiet", "--insecure-for", secure)
            try write("outer.example", secure)
            #expect(try await party.output("digest", "outer.example/team/app:2") == digest)
        }
    }

    @Test("a sync file says for each registry how it is reached")
    func sync() async throws {
        try await Self.run { party, secure, certificate in
            _ = try await party.pushImage()
            let file = "\(party.folder.path)/sync.yaml"
            func write(_ registries: String) throws {
                let text = """
                    \(registries)
                    sync:
                      - from: \(party.authority)
                        repositories: [team/app]
                        to: ["\(secure)/{repository}"]

                    """
                try text.write(toFile: file, atomically: true, encoding: .utf8)
            }
            try write("")
            #expect(try await party.run(["sync", file, "--quiet"]).status == 2)
            // A file is named from where the sync file lies.
            try FileManager.default.copyItem(
                atPath: certificate.certificateFile,
                toPath: "\(party.folder.path)/authority.pem"
            )
            try write("registries:\n  \(secure):\n    ca: authority.pem")
            try await party.output("sync", file, "--quiet")
            let plain = "registries:\n  \(secure):\n    insecure: true\n  \(party.authority):\n    plain-http: true"
            try write(plain)
            let again = try await party.output("sync", file, "--quiet", "--format", "unchanged")
            #expect(again == "1\n")
            try write("registries:\n  \(secure):\n    isecure: true")
            let wrong = try await party.run(["sync", file])
            #expect(wrong.status != 0 && wrong.standardError.contains("isecure: is no key here"), "\(wrong)")
        }
    }

    @Test("a registry that wants to see a certificate of the client is shown it")
    func client() async throws {
        try await VerbParty.with(.wharf) { party in
            _ = try await party.pushImage()
            let (server, client, port) = (try await TestCertificate(), try await TestCertificate(), try FreePort.find())
            let nginx = try await Self.nginx(before: party, server, wanting: client, at: port)
            do {
                let host = "localhost:\(port)"
                let own = ["--ca", server.certificateFile]
                let without = try await party.run(["digest", "\(host)/team/app:1"] + own)
                #expect(without.status != 0, "\(without)")
                let shown = own + ["--client-certificate", client.certificateFile, "--client-key", client.keyFile]
                let with = try await party.run(["digest", "\(host)/team/app:1"] + shown)
                #expect(with.status == 0, "\(with)")
                // As Docker finds them for the host, in the folder of its user.
                let folder = "\(party.folder.path)/.config/containers/certs.d/\(host)"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                for (file, name) in [
                    (server.certificateFile, "ca.crt"), (client.certificateFile, "client.cert"),
                    (client.keyFile, "client.key"),
                ] { try FileManager.default.copyItem(atPath: file, toPath: "\(folder)/\(name)") }
                #expect(try await party.output("digest", "\(host)/team/app:1") == with.standardOutput)
                try FileManager.default.removeItem(atPath: "\(folder)/client.cert")
                try FileManager.default.removeItem(atPath: "\(folder)/client.key")
                #expect(try await party.run(["digest", "\(host)/team/app:1"]).status != 0)
            } catch {
                await nginx.kill()
                throw error
            }
            await nginx.stop()
        }
    }

    private static func nginx(
        before party: VerbParty,
        _ server: TestCertificate,
        wanting client: TestCertificate,
        at port: Int
    ) async throws -> RunningProcess {
        try await Command.nginx(
            in: "\(party.folder.path)/nginx",
            port: port,
            http: """
                access_log off;
                server {
                    listen 127.0.0.1:\(port) ssl;
                    ssl_certificate \(server.certificateFile);
                    ssl_certificate_key \(server.keyFile);
                    ssl_client_certificate \(client.certificateFile);
                    ssl_verify_client on;
                    location / { proxy_pass http://\(party.authority); }
                }
                """
        )
    }
}

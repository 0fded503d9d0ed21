import Foundation
import RegistryTesting
import Testing

/// `wharf serve` with what `wharf certs make` made, and what clients make of it.
@Suite struct CertifiedServerTests {
    private struct Served {
        let folder: TemporaryFolder
        let wharf: WharfProcess
        /// What `wharf certs make` printed.
        let advice: String

        var authority: String { "\(folder.path)/certs/ca.pem" }
        var port: Substring { wharf.authority.split(separator: ":").last ?? "" }

        /// What openssl tells of a handshake.
        func handshake(_ arguments: [String]) async throws -> CommandResult {
            let basic = ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", authority, "-verify_return_error"]
            return try await OpenSSL.run(basic + arguments)
        }

        func curl(_ arguments: [String]) async throws -> CommandResult {
            try await Command("/usr/bin/curl", ["--silent", "--show-error"] + arguments, timeout: .seconds(30)).run()
        }
    }

    private static func run(_ body: (Served) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.find()
        let out = "\(folder.path)/certs"
        let names = ["--name", "localhost", "--name", "127.0.0.1", "--port", "\(port)"]
        let advice = try await WharfProcess.command(["certs", "make", "--out", out] + names).output()
        let wharf = try await WharfProcess.start(
            data: "\(folder.path)/data",
            listen: "127.0.0.1:\(port)",
            arguments: ["--tls-certificate", "\(out)/server.pem", "--tls-key", "\(out)/server.key"]
        )
        try await body(Served(folder: folder, wharf: wharf, advice: advice))
        #expect(await wharf.stop() == 0, "\(wharf.log)")
    }

    @Test func `openssl trusts it under its names and no other`() async throws {
        try await Self.run { served in
            for (name, isTrusted) in [
                (["-verify_hostname", "localhost"], true), (["-verify_ip", "127.0.0.1"], true),
                (["-verify_hostname", "example.com"], false), (["-verify_ip", "127.0.0.2"], false),
                (["-verify_hostname", "localhost", "-CAfile", "/etc/ssl/certs/ca-certificates.crt"], false),
            ] {
                let result = try await served.handshake(name + ["-brief"])
                #expect(result.standardError.contains("CONNECTION ESTABLISHED") == isTrusted, "\(name): \(result)")
                #expect(result.standardError.contains("Verification: OK") == isTrusted, "\(name): \(result)")
            }
        }
    }

    @Test func `TLS 1.2 and 1.3 are spoken, 1.1 is refused, and both protocols are agreed on`() async throws {
        try await Self.run { served in
            for (version, isSpoken) in [("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
                let weak = ["-cipher", "ALL:@SECLEVEL=0", "-brief", version]
                let result = try await served.handshake(weak)
                #expect(result.standardError.contains("CONNECTION ESTABLISHED") == isSpoken, "\(version): \(result)")
                // Refused by the server, not by a client that may not speak it.
                #expect(result.standardError.contains("alert protocol version") != isSpoken, "\(version): \(result)")
            }
            for (offered, agreed) in [("h2", "h2"), ("http/1.1", "http/1.1"), ("http/1.1,h2", "h2")] {
                let result = try await served.handshake(["-alpn", offered])
                #expect(result.standardOutput.contains("ALPN protocol: \(agreed)\n"), "\(offered): \(result)")
            }
        }
    }

    @Test func `curl with the CA speaks HTTP 1.1 and 2, and without it does not`() async throws {
        try await Self.run { served in
            for host in ["localhost", "127.0.0.1"] {
                let address = "https://\(host):\(served.port)/v2/"
                for (flag, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
                    let arguments = [
                        "--cacert", served.authority, flag, "--write-out", "|%{http_version}|%{http_code}",
                    ]
                    let result = try await served.curl(arguments + [address])
                    #expect(result.standardOutput == "{}|\(version)|200", "\(result)")
                }
                #expect(try await served.curl([address]).status == 60)
            }
        }
    }

    @Test func `the commands that are printed put the CA where clients find it`() async throws {
        try await Self.run { served in
            let root = "\(served.folder.path)/root"
            // The same lines under another root, by who is somebody without sudo.
            let script = served.advice.replacing("sudo ", with: "")
                .replacing("/etc/", with: "\(root)/etc/").replacing("/usr/local/", with: "\(root)/usr/local/")
                .split(separator: "\n").filter { !$0.hasPrefix("wharf serve") && $0 != "update-ca-certificates" }
            // install makes folders, tee does not: only what was printed is to make them.
            let lines = ["set -e"] + script.map(String.init)
            let result = try await Command("/bin/sh", ["-c", lines.joined(separator: "\n")]).run()
            #expect(result.status == 0, "\(result)")
            // The last command asks the registry.
            #expect(result.standardOutput == "{}")

            let place = "localhost:\(served.port)"
            let authority = try String(contentsOfFile: served.authority, encoding: .utf8)
            for file in [
                "etc/docker/certs.d/\(place)/ca.crt", "etc/containers/certs.d/\(place)/ca.crt",
                "etc/containerd/certs.d/\(place)/ca.crt", "usr/local/share/ca-certificates/wharf-private-ca.crt",
            ] {
                #expect(try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8) == authority)
            }
            let hosts = try String(
                contentsOfFile: "\(root)/etc/containerd/certs.d/\(place)/hosts.toml",
                encoding: .utf8
            )
            #expect(
                hosts == """
                    server = "https://\(place)"
                    ca = "\(root)/etc/containerd/certs.d/\(place)/ca.crt"

                    [host."https://\(place)"]
                      ca = "\(root)/etc/containerd/certs.d/\(place)/ca.crt"

                    """
            )
            try await asksWithSkopeo(served, certificates: "\(root)/etc/containers/certs.d/\(place)")
        }
    }

    /// skopeo comes as far as the registry's own answer with the CA, and no further than TLS without.
    private func asksWithSkopeo(_ served: Served, certificates: String) async throws {
        let empty = "\(served.folder.path)/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        for (folder, sentence) in [(certificates, "unknown"), (empty, "x509: certificate signed by unknown authority")]
        {
            let image = "docker://localhost:\(served.port)/team/app:1"
            let result = try await Command("/usr/bin/skopeo", ["inspect", "--cert-dir", folder, image]).run()
            #expect(result.status != 0 && result.standardError.contains(sentence), "\(result)")
            #expect(result.standardError.contains("x509") == (folder == empty), "\(result)")
        }
    }
}

import Certificates
import Foundation
import Outgoing
import RegistryTesting
import Testing

@testable import Diagnosis

/// TLS and clocks: each failure is provoked, mended as it says, and then gone.
@Suite struct TrustTests {
    @Test(arguments: [Mend.Tool.docker, .containerd, .podman])
    func `an unknown authority is told, and believed where its file lies where it should`(tool: Mend.Tool) async throws
    {
        let machine = try TestMachine()
        let certificate = try IssuedCertificate()
        try FileManager.default.copyItem(atPath: certificate.authorityFile, toPath: "\(machine.folder.path)/ca.crt")
        try await ScriptedServer.run(tls: certificate.material()) { server in
            let name = "127.0.0.1:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name)
            #expect(finding.fault?.code == "unknown-authority" && finding.step == .tls, "\(finding.seen)")
            let fingerprint = try certificate.authority.facts.fingerprint
            #expect(finding.seen.contains(fingerprint), "\(finding.seen)")
            let mend = try finding.mend(tool)
            try await machine.apply(mend)
            try await machine.expectGood(name)
        }
    }

    @Test func `a certificate that has ended is told, and a new one is good`() async throws {
        let machine = try TestMachine()
        let certificate = try IssuedCertificate(daysAgo: 20)
        let port = try FreePort.find()
        let name = "127.0.0.1:\(port)/team/app:1.0"
        try await ScriptedServer.run(tls: certificate.material(), port: port) { _ in
            let finding = try await machine.failure(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
            #expect(finding.fault?.code == "certificate-expired" && finding.step == .tls, "\(finding.seen)")
        }
        try certificate.issue(["127.0.0.1"])
        try await ScriptedServer.run(tls: certificate.material(), port: port) { _ in
            try await machine.expectGood(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
        }
    }

    @Test func `a certificate of tomorrow is told as one of a wrong clock`() async throws {
        let certificate = try IssuedCertificate(daysAhead: 3)
        try await ScriptedServer.run(tls: certificate.material()) { server in
            let finding = try await TestMachine().failure("127.0.0.1:\(server.port)/team/app:1.0") {
                $0.tls.authorityFiles = [certificate.authorityFile]
            }
            #expect(finding.fault?.code == "certificate-not-yet-valid", "\(finding.seen)")
            #expect(finding.mends.contains { $0.commands.contains("sudo timedatectl set-ntp true") })
        }
    }

    @Test func `a certificate for another name is told with its names, and one with this name is good`() async throws {
        let machine = try TestMachine()
        let certificate = try IssuedCertificate(["other.example"])
        let port = try FreePort.find()
        let name = "127.0.0.1:\(port)/team/app:1.0"
        try await ScriptedServer.run(tls: certificate.material(), port: port) { _ in
            let finding = try await machine.failure(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
            #expect(finding.fault?.code == "wrong-name" && finding.seen.contains("other.example"), "\(finding.seen)")
            let mend = try finding.mend(.registry)
            #expect(mend.commands == ["wharf certs make --name 127.0.0.1"])
        }
        try certificate.issue(["127.0.0.1"])
        try await ScriptedServer.run(tls: certificate.material(), port: port) { _ in
            try await machine.expectGood(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
        }
    }

    @Test(arguments: [Mend.Tool.docker, .podman])
    func `HTTP on the port of HTTPS is told, and a setting of the last resort allows it`(tool: Mend.Tool) async throws {
        let machine = try TestMachine()
        try await ScriptedServer.run { server in
            // An address of this machine that tools do not take for it.
            let name = "0.0.0.0:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name)
            #expect(finding.fault?.code == "plain-http" && finding.step == .tls, "\(finding.seen)")
            #expect(
                try finding.mend(.any).commands == [
                    "ssh -NL 5000:localhost:\(server.port) 0.0.0.0", "docker pull localhost:5000/team/app:1.0",
                ]
            )
            let mend = try #require(finding.mends.first { $0.tool == tool && $0.isLastResort })
            try await machine.apply(mend, runsCommands: false)
            try await machine.expectGood(name, warnings: [.tls, .files])
        }
    }

    @Test func `HTTPS that is asked without TLS is told, and good when it is asked with it`() async throws {
        let machine = try TestMachine()
        let certificate = try IssuedCertificate()
        try await ScriptedServer.run(tls: certificate.material()) { server in
            let name = "127.0.0.1:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name) { $0.isPlain = true }
            #expect(finding.fault?.code == "tls-expected" && finding.step == .tls, "\(finding.seen)")
            try await machine.expectGood(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
        }
    }

    @Test func `a registry that wants a certificate of the client is told, and gets it from certs_d`() async throws {
        let machine = try TestMachine()
        let certificate = try await TestCertificate()
        let port = try FreePort.find()
        let arguments = [
            "s_server", "-accept", "127.0.0.1:\(port)", "-www", "-cert", certificate.certificateFile, "-key",
            certificate.keyFile, "-Verify", "1", "-CAfile", certificate.certificateFile,
        ]
        let server = try Command("/usr/bin/openssl", arguments).start()
        try await server.waitUntil("it accepts") { server.standardOutput.contains("ACCEPT") }
        let name = "127.0.0.1:\(port)/team/app:1.0"
        let files = [certificate.certificateFile]
        let finding = try await machine.failure(name) { $0.tls.authorityFiles = files }
        #expect(finding.fault?.code == "client-certificate" && finding.step == .tls, "\(finding.seen)")
        for (from, to) in [(certificate.certificateFile, "client.cert"), (certificate.keyFile, "client.key")] {
            try FileManager.default.copyItem(atPath: from, toPath: "\(machine.folder.path)/\(to)")
        }
        try await machine.apply(try finding.mend(.docker))
        let findings = try await machine.findings(name) { $0.tls.authorityFiles = files }
        // Its certificate ends in two days, which is a warning.
        #expect(findings[.tls]?.state == .warning, "\(findings.shown)")
        // What answers is a page of openssl, and no registry.
        #expect(findings[.api]?.fault?.code == "not-a-registry")
        await server.kill()
    }

    @Test func `a server with old versions of TLS alone is told`() async throws {
        let certificate = try await TestCertificate()
        let port = try FreePort.find()
        let arguments = [
            "s_server", "-accept", "127.0.0.1:\(port)", "-www", "-cert", certificate.certificateFile, "-key",
            certificate.keyFile, "-tls1_1", "-cipher", "ALL@SECLEVEL=0",
        ]
        let server = try Command("/usr/bin/openssl", arguments).start()
        try await server.waitUntil("it accepts") { server.standardOutput.contains("ACCEPT") }
        let finding = try await TestMachine().failure("127.0.0.1:\(port)/team/app:1.0")
        #expect(finding.fault?.code == "tls-failed" && finding.step == .tls, "\(finding.seen)")
        await server.kill()
    }

    @Test(arguments: [(-86_400.0, Finding.State.failure), (600, .failure), (120, .warning), (5, .good)])
    func `clocks that differ are told, and what comes behind is looked at`(
        seconds: Double,
        state: Finding.State
    ) async throws {
        try await ScriptedServer.run { server in
            let findings = try await TestMachine().findings("127.0.0.1:\(server.port)/team/app:1.0") {
                $0.now = { Date().addingTimeInterval(seconds) }
            }
            let clock = try #require(findings[.clock])
            #expect(clock.state == state && clock.fault?.code == (state == .good ? nil : "clock-wrong"), "\(clock)")
            #expect(findings[.blob]?.state == .good, "\(findings.shown)")
        }
    }
}

import ContainerTools
import Foundation
import HTTPServing
import NIOHTTP1
import RegistryTesting
import Testing

@testable import Diagnosis

/// What is wrong on the machine itself.
@Suite struct MachineTests {
    @Test(arguments: [
        (#"{"insecure_registries":["registry.example"]}"#, "insecure_registries"),
        (#"{"proxies":{"default":{"httpProxy":"http://proxy.example:3128"}}}"#, "daemon.json"),
        (#"{"registry-mirrors":["https://mirror.example"],}"#, "JSON"),
    ])
    func `a daemon_json that dockerd refuses is told by its file and key`(text: String, told: String) async throws {
        let machine = try TestMachine()
        let path = "\(machine.folder.path)/etc/docker/daemon.json"
        try machine.write(text, to: path)
        try await ScriptedServer.run { server in
            let name = "127.0.0.1:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name)
            #expect(finding.fault?.code == "tool-files" && finding.step == .files, "\(finding)")
            #expect(finding.seen.contains(path) && finding.seen.contains(told), "\(finding.seen)")
            #expect(finding.mends.contains { $0.what.contains("docker/config.json") })
            try machine.write(#"{"registry-mirrors":["https://mirror.example"]}"#, to: path)
            try await machine.expectGood(name)
        }
    }

    @Test func `a program for logins that is not there is told`() async throws {
        let machine = try TestMachine()
        let path = "\(machine.folder.path)/home/.docker/config.json"
        try machine.write(#"{"credsStore":"missing-on-this-machine"}"#, to: path)
        try await ScriptedServer.run { server in
            let name = "127.0.0.1:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name)
            #expect(finding.fault?.code == "credential-helper" && finding.step == .files, "\(finding)")
            #expect(try finding.mend(.docker).file == path)
            try machine.write("{}", to: path)
            try await machine.expectGood(name)
        }
    }

    @Test func `mirrors and logins are told with their files`() async throws {
        let machine = try TestMachine()
        try machine.write(
            "[[registry]]\nlocation = \"registry.invalid\"\n[[registry.mirror]]\nlocation = \"mirror.example\"\n",
            to: "\(machine.folder.path)/etc/containers/registries.conf"
        )
        let login = Data("alice:hunter2".utf8).base64EncodedString()
        let path = "\(machine.folder.path)/home/.docker/config.json"
        try machine.write(#"{"auths":{"registry.invalid":{"auth":"\#(login)"}}}"#, to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let finding = try #require(try await machine.findings("registry.invalid/team/app:1.0")[.files])
        #expect(finding.state == .good && finding.seen.contains("the password of alice"), "\(finding)")
        #expect(finding.seen.contains("podman asks the mirror https://mirror.example first"), "\(finding.seen)")
        #expect(!finding.seen.contains("hunter2") && !finding.seen.contains(login))
    }

    @Test(arguments: [ContainerTool.podman, .containerd])
    func `the mirror that was written is the one that is asked first`(tool: ContainerTool) async throws {
        let machine = try TestMachine()
        let text = try MirrorText(mirror: "https://mirror.example", upstream: "registry.invalid")
        let change = try text.write(for: tool, on: machine.machine)
        #expect(change.isChanged && change.backup == nil && change.path.hasPrefix(machine.folder.path), "\(change)")
        let finding = try #require(try await machine.findings("registry.invalid/team/app:1.0")[.files])
        #expect(finding.state == .good, "\(finding)")
        #expect(
            finding.seen.contains("\(tool.rawValue) asks the mirror https://mirror.example first"),
            "\(finding.seen)"
        )
    }

    @Test(.enabled(if: MountedFolder.isPossible, "no file system can be mounted here"))
    func `a disk without room for the image is told, and a larger one is good`() async throws {
        let size = 24 << 20
        let layer =
            #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(SampleRegistry.layer.digest)","#
        let manifest = SampleRegistry.manifest.replacing(
            SampleRegistry.layer.descriptor("application/vnd.oci.image.layer.v1.tar"),
            with: layer + #""size":\#(size)}"#
        )
        let registry = SampleRegistry { request in
            request.target.contains("/manifests/")
                ? SampleRegistry.json(manifest, ["Content-Type": "application/vnd.oci.image.manifest.v1+json"]) : nil
        }
        var machine = try TestMachine()
        let (small, large) = (try MountedFolder(byteCount: 20 << 20), try MountedFolder(byteCount: 40 << 20))
        for folder in [small, large] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/containers",
                withIntermediateDirectories: true
            )
        }
        machine.machine.environment["XDG_DATA_HOME"] = small.path
        try await ScriptedServer.run(registry.answer) { server in
            let name = "127.0.0.1:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name)
            #expect(finding.fault?.code == "disk-full" && finding.step == .disk, "\(finding)")
            #expect(
                finding.seen.contains(small.path) && finding.mends.contains { $0.commands.contains("docker system df") }
            )
            machine.machine.environment["XDG_DATA_HOME"] = large.path
            let findings = try await machine.findings(name)
            // There is room, and not for much more.
            #expect(findings[.disk]?.state == .warning, "\(findings.shown)")
        }
    }
}

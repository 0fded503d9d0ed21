import ContainerTools
import Foundation
import NetworkAddress
import Outgoing
import RegistryTesting
import Testing

@testable import Diagnosis

/// From the name to the connection: each failure is provoked, mended as it says, and then gone.
@Suite struct WayTests {
    @Test(arguments: [
        ("registry.example/Team/App:1.0", "Write registry.example/team/app:1.0."),
        ("https://registry.example/team/app", "Write registry.example/team/app"), ("team/app:", "no tag behind it"),
        ("team app", "team app"), ("", "empty"), ("registry.example:99999/team/app", "port"),
    ])
    func `a name that is none is told with the right one`(name: String, told: String) async throws {
        let machine = try TestMachine()
        let finding = try await machine.failure(name)
        #expect(finding.fault?.code == "invalid-name" && finding.seen.contains(told), "\(finding.seen)")
        #expect(try await machine.findings(name)[.manifest]?.state == .notReached)
    }

    @Test(arguments: [
        ("localhost:5000", "REPOSITORY"), ("harbor/team/app", "domain"), ("registry.example/library/nginx", "folder"),
    ])
    func `a name that may mean something else is doubted`(name: String, told: String) async throws {
        let configuration = Diagnosis.Configuration(machine: try TestMachine().machine)
        var examination = Examination(text: name, configuration)
        let finding = examination.lookAtName()
        #expect(finding.state == .warning && finding.seen.contains(told), "\(finding.seen)")
    }

    @Test func `short names are Docker Hub's`() throws {
        let configuration = Diagnosis.Configuration(machine: try TestMachine().machine)
        var examination = Examination(text: "nginx", configuration)
        let finding = examination.lookAtName()
        #expect(finding.state == .good)
        #expect(finding.seen.contains("docker.io/library/nginx") && finding.seen.contains("latest"))
    }

    @Test func `a host that is not there is told, and one that is written down is found`() async throws {
        let machine = try TestMachine()
        let unknown = try await machine.failure("registry.invalid/team/app:1.0")
        #expect(unknown.step == .dns && ["no-such-host", "dns-failed"].contains(unknown.fault?.code), "\(unknown)")
        try await ScriptedServer.run { server in
            let name = "localhost:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name) { $0.resolver = AddressResolver { _, _ in [] } }
            #expect(finding.fault?.code == "no-such-host")
            let file = try #require(finding.mends.first { $0.file?.hasSuffix("/etc/hosts") == true })
            #expect(file.text?.hasSuffix(" localhost") == true)
            let hosts = ["127.0.0.1"].compactMap { IPAddress($0) }
            try await machine.expectGood(name) { $0.resolver = AddressResolver { _, _ in hosts } }
        }
    }

    @Test func `name servers that do not answer are told`() async throws {
        let finding = try await TestMachine().failure("registry.example/team/app:1.0") {
            $0.resolver = AddressResolver { _, limit in throw OutgoingError(.timedOut, "not found within \(limit).") }
        }
        #expect(finding.fault?.code == "dns-failed" && finding.step == .dns)
    }

    @Test func `a port on which nobody listens is told, and it is gone when the registry runs`() async throws {
        let machine = try TestMachine()
        let port = try FreePort.find()
        let name = "localhost:\(port)/team/app:1.0"
        let finding = try await machine.failure(name)
        #expect(finding.fault?.code == "refused" && finding.step == .tcp, "\(finding.seen)")
        #expect(finding.seen.contains("\(port)") && finding.seen.contains("127.0.0.1"))
        let advice = try finding.mend(.registry).commands
        #expect(advice == ["sudo ss -ltnp | grep -E ':\(port)\\b'", "wharf serve --listen 0.0.0.0:\(port)"])
        #expect(try finding.mend(.any).what.contains("\(port)"))
        #expect(try finding.mend(.any).commands == ["docker pull localhost:PORT/team/app:1.0"])
        try await ScriptedServer.run(port: port) { _ in
            // localhost may also be ::1, where nobody listens.
            try await machine.expectGood(name, warnings: [.tcp])
        }
    }

    @Test func `packets that get no answer are told as a timeout`() async throws {
        let machine = try TestMachine()
        let listener = try DeafListener(isFull: true)
        let finding = try await machine.failure("127.0.0.1:\(listener.port)/team/app:1.0") {
            $0.connectTimeout = .milliseconds(400)
        }
        #expect(finding.fault?.code == "timeout" && finding.step == .tcp, "\(finding.seen)")
        #expect(finding.mends.contains { $0.file?.hasSuffix("/docker.service.d/http-proxy.conf") == true })
        #expect(finding.mends.contains { $0.commands.contains { $0.hasPrefix("wharf mirror generate") } })
    }

    @Test func `a server that takes the connection and says nothing is told`() async throws {
        let listener = try DeafListener(isFull: false)
        let finding = try await TestMachine().failure("127.0.0.1:\(listener.port)/team/app:1.0") {
            ($0.connectTimeout, $0.answerTimeout) = (.milliseconds(400), .milliseconds(400))
        }
        #expect(finding.fault?.code == "no-answer" && finding.step == .tls, "\(finding.seen)")
    }

    @Test func `a proxy that is not there is told, and a registry of the own network goes past it`() async throws {
        var machine = try TestMachine(["https_proxy": "http://127.0.0.1:\(try FreePort.find())"])
        let certificate = try IssuedCertificate()
        try await ScriptedServer.run(tls: certificate.material()) { server in
            let name = "localhost:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
            #expect(finding.fault?.code == "proxy-unreachable" && finding.step == .tcp, "\(finding.seen)")
            #expect(finding.mends.contains { $0.commands == ["export NO_PROXY=\"$NO_PROXY,localhost\""] })
            machine.machine.environment["NO_PROXY"] = "localhost"
            try await machine.expectGood(name, warnings: [.tcp]) { $0.tls.authorityFiles = [certificate.authorityFile] }
        }
    }

    @Test func `a proxy that refuses is told, and lets through who says his name`() async throws {
        let certificate = try IssuedCertificate()
        let proxy = try await TestProxy.start("BasicAuth someone secret\n")
        var machine = try TestMachine(["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"])
        try await ScriptedServer.run(tls: certificate.material()) { server in
            let name = "localhost:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
            #expect(finding.fault?.code == "proxy-refuses" && finding.step == .proxy, "\(finding.seen)")
            let told = "export https_proxy=http://USER:PASSWORD@127.0.0.1:\(proxy.port)"
            #expect(finding.mends.contains { $0.commands == [told] }, "\(finding.mends)")
            machine.machine.environment["https_proxy"] = "http://someone:secret@127.0.0.1:\(proxy.port)"
            try await machine.expectGood(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
        }
        await proxy.process.kill()
    }

    @Test func `a proxy that forbids the port is told with its status`() async throws {
        let proxy = try await TestProxy.start("ConnectPort 443\n")
        var machine = try TestMachine(["https_proxy": "http://127.0.0.1:\(proxy.port)"])
        let certificate = try IssuedCertificate()
        try await ScriptedServer.run(tls: certificate.material()) { server in
            let name = "localhost:\(server.port)/team/app:1.0"
            let finding = try await machine.failure(name) { $0.tls.authorityFiles = [certificate.authorityFile] }
            #expect(finding.fault?.code == "proxy-refuses" && finding.seen.contains("403"), "\(finding.seen)")
            machine.machine.environment["no_proxy"] = "localhost"
            try await machine.expectGood(name, warnings: [.tcp]) { $0.tls.authorityFiles = [certificate.authorityFile] }
        }
        await proxy.process.kill()
    }
}

/// tinyproxy in a process of its own.
struct TestProxy {
    let process: RunningProcess
    let folder: TemporaryFolder
    let port: Int

    static func start(_ lines: String) async throws -> TestProxy {
        let folder = try TemporaryFolder()
        let port = try FreePort.find()
        let text =
            "Port \(port)\nListen 127.0.0.1\nTimeout 20\nMaxClients 20\nAllow 127.0.0.1\nLogLevel Info\n"
            + "LogFile \"\(folder.path)/log\"\n\(lines)"
        try text.write(toFile: "\(folder.path)/tinyproxy.conf", atomically: true, encoding: .utf8)
        let process = try Command("/usr/bin/tinyproxy", ["-d", "-c", "\(folder.path)/tinyproxy.conf"]).start()
        try await process.waitUntil("it listens") {
            let log = try? String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)
            return log?.contains("Accepting connections") == true
        }
        return TestProxy(process: process, folder: folder, port: port)
    }
}

/// A listener that accepts nothing; where it is full, not even the kernel answers for it.
final class DeafListener: Sendable {
    let port: Int
    private let descriptors: [Int32]

    init(isFull: Bool) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        func withAddress(_ body: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
            }
        }
        #expect(withAddress { bind(listener, $0, length) } == 0)
        #expect(listen(listener, isFull ? 0 : 16) == 0)
        #expect(withAddress { getsockname(listener, $0, &length) } == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        var all = [listener]
        // The queue has room for one more than it says; two connections fill it, and all others are dropped.
        for _ in 0..<(isFull ? 3 : 0) {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = withAddress { connect(filler, $0, length) }
            all.append(filler)
        }
        descriptors = all
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}

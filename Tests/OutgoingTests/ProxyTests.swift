import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import NetworkAddress
import RegistryTesting
import Testing

@testable import Outgoing

/// Requests through tinyproxy.
@Suite struct ProxyTests {
    private struct Proxy {
        let process: RunningProcess
        let folder: TemporaryFolder
        let port: Int

        static func start(_ lines: String = "") async throws -> Proxy {
            let folder = try TemporaryFolder()
            let script = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])"
            let output = try await Command("/usr/bin/python3", ["-c", script]).output()
            let port = try #require(Int(output.split(separator: "\n").first ?? ""))
            let file = "\(folder.path)/tinyproxy.conf"
            let text =
                "Port \(port)\nListen 127.0.0.1\nTimeout 20\nMaxClients 20\nAllow 127.0.0.1\nLogLevel Info\n"
                + "LogFile \"\(folder.path)/log\"\n"
            try (text + lines).write(toFile: file, atomically: true, encoding: .utf8)
            let process = try Command("/usr/bin/tinyproxy", ["-d", "-c", file]).start()
            let proxy = Proxy(process: process, folder: folder, port: port)
            try await process.waitUntil("it listens") { proxy.log().contains("Accepting connections") }
            return proxy
        }

        func log() -> String {
            (try? String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)) ?? ""
        }
    }

    private static func client<Value: Sendable>(
        _ environment: [String: String],
        guardian: AddressGuard = .anywhere,
        tls: OutgoingTLS = OutgoingTLS(),
        _ body: (OutgoingClient) async throws -> Value
    ) async throws -> Value {
        var configuration = OutgoingClient.Configuration()
        configuration.proxies = try ProxySelection(environment: environment)
        configuration.guardian = guardian
        configuration.tls = tls
        configuration.resolver = .fixed(["127.0.0.1"])
        return try await OutgoingClient.withClient(configuration, body)
    }

    @Test func `plain requests are handed to the proxy, and exceptions are not`() async throws {
        let proxy = try await Proxy.start()
        let server = try await OddServer.start()
        let url = try server.url("/show?a=b")
        var environment = ["http_proxy": "http://127.0.0.1:\(proxy.port)"]
        let text = try await Self.client(environment) { try await $0.text(url) }
        #expect(text.hasPrefix("GET /show?a=b HTTP/1.") && text.lowercased().contains("via: "))
        #expect(text.contains("ost: 127.0.0.1:\(server.port)"))
        #expect(!proxy.log().contains("CONNECT 127.0.0.1"), "\(proxy.log())")
        environment["NO_PROXY"] = "127.0.0.0/8"
        #expect(try await !Self.client(environment) { try await $0.text(url) }.lowercased().contains("via: "))
        await proxy.process.kill()
        await server.process.kill()
    }

    @Test func `TLS goes through a tunnel, end to end`() async throws {
        let proxy = try await Proxy.start()
        let certificate = try await TestCertificate()
        try await SoundServer.run(tls: certificate) { _ in
            ServerResponse(.ok, body: .bytes(ByteBuffer(string: "inside")))
        } _: { server in
            let url = try OutgoingURL("https://localhost:\(server.server.port)/")
            let tls = OutgoingTLS(authorityFiles: [certificate.certificateFile])
            let environment = ["HTTPS_PROXY": "127.0.0.1:\(proxy.port)"]
            #expect(try await Self.client(environment, tls: tls) { try await $0.text(url) } == "inside")
            #expect(proxy.log().contains("CONNECT localhost:\(server.server.port)"), "\(proxy.log())")
            let loopback = AddressGuard.publicOnly(allowing: AddressBlock.loopback)
            let pinned = try await Self.client(environment, guardian: loopback, tls: tls) { try await $0.text(url) }
            #expect(pinned == "inside")
            #expect(proxy.log().contains("CONNECT 127.0.0.1:\(server.server.port)"), "\(proxy.log())")
            let refused = try await Self.client(environment, guardian: .publicOnly(), tls: tls) {
                try await $0.failure(OutgoingRequest(.get, url))
            }
            #expect(refused.code == .addressForbidden)
        }
        await proxy.process.kill()
    }

    @Test(arguments: ["http", "https"])
    func `a proxy that asks who comes is told, and its refusal is told`(scheme: String) async throws {
        let proxy = try await Proxy.start("BasicAuth someone secret\n")
        let certificate = try await TestCertificate()
        try await SoundServer.run(tls: scheme == "https" ? certificate : nil) { _ in
            ServerResponse(.ok, body: .bytes(ByteBuffer(string: "inside")))
        } _: { server in
            let url = try OutgoingURL("\(scheme)://localhost:\(server.server.port)/")
            let tls = OutgoingTLS(authorityFiles: [certificate.certificateFile])
            let known = ["ALL_PROXY": "http://someone:secret@127.0.0.1:\(proxy.port)"]
            #expect(try await Self.client(known, tls: tls) { try await $0.text(url) } == "inside")
            // To a wrong password for what it forwards tinyproxy says 401, as if it were the server.
            for wrong in scheme == "https" ? ["", "someone:hunter2@"] : [""] {
                let environment = ["ALL_PROXY": "http://\(wrong)127.0.0.1:\(proxy.port)"]
                let error = try await Self.client(environment, tls: tls) {
                    try await $0.failure(OutgoingRequest(.get, url))
                }
                #expect(error.code == .proxy, "\(error)")
                #expect(error.message.contains("127.0.0.1:\(proxy.port)") && !error.message.contains("hunter2"))
            }
        }
        await proxy.process.kill()
    }

    @Test(arguments: ["http", "https"])
    func `a proxy that is not there is named`(scheme: String) async throws {
        let url = try OutgoingURL("\(scheme)://registry.example/")
        let error = try await Self.client(["ALL_PROXY": "127.0.0.1:1"]) {
            try await $0.failure(OutgoingRequest(.get, url))
        }
        #expect(error.code == .refused, "\(error)")
        #expect(error.message.contains("proxy 127.0.0.1:1") && error.message.contains("registry.example"), "\(error)")
    }
}

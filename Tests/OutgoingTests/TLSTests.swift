import HTTPServing
import Logging
import NIOCore
import NIOHTTP1
import NetworkAddress
import RegistryTesting
import Synchronization
import Testing

@testable import Outgoing

@Suite struct TLSTests {
    private static let hello: @Sendable (ServerRequest) async -> ServerResponse = { request in
        ServerResponse(.ok, body: .bytes(ByteBuffer(string: request.isSecure ? "secure" : "open")))
    }

    private static func client<Value: Sendable>(
        _ tls: OutgoingTLS,
        _ change: (inout OutgoingClient.Configuration) -> Void = { _ in },
        _ body: (OutgoingClient) async throws -> Value
    ) async throws -> Value {
        var configuration = OutgoingClient.Configuration()
        configuration.tls = tls
        change(&configuration)
        return try await OutgoingClient.withClient(configuration, body)
    }

    @Test func `a certificate is believed where its authority is named, and only there`() async throws {
        let certificate = try await TestCertificate()
        try await SoundServer.run(tls: certificate, respond: Self.hello) { server in
            let url = try OutgoingURL("https://localhost:\(server.server.port)/")
            let stranger = try await Self.client(OutgoingTLS()) { try await $0.failure(OutgoingRequest(.get, url)) }
            #expect(stranger.code == .tls && stranger.message.contains("authority"), "\(stranger)")
            let known = OutgoingTLS(authorityFiles: [certificate.certificateFile])
            #expect(try await Self.client(known) { try await $0.text(url) } == "secure")
            let address = try OutgoingURL("https://127.0.0.1:\(server.server.port)/")
            #expect(try await Self.client(known) { try await $0.text(address) } == "secure")
        }
    }

    @Test func `a certificate is good for its names alone, wherever it is dialled`() async throws {
        let certificate = try await TestCertificate()
        try await SoundServer.run(tls: certificate, respond: Self.hello) { server in
            let url = try OutgoingURL("https://other.example:\(server.server.port)/")
            let known = OutgoingTLS(authorityFiles: [certificate.certificateFile])
            let change: (inout OutgoingClient.Configuration) -> Void = {
                $0.guardian = .publicOnly(allowing: [.init("127.0.0.1")].compactMap { $0 })
                $0.resolver = .fixed(["127.0.0.1"])
            }
            let error = try await Self.client(known, change) { try await $0.failure(OutgoingRequest(.get, url)) }
            #expect(error.code == .tls && error.message.contains("another name"), "\(error)")
        }
    }

    @Test func `who insists on no certificate is heard, and it is said loudly`() async throws {
        let log = LogLines()
        try await SoundServer.run(tls: try await TestCertificate(), respond: Self.hello) { server in
            let url = try OutgoingURL("https://localhost:\(server.server.port)/")
            let insecure = OutgoingTLS(verification: .insecureAcceptsAnyCertificate)
            let text = try await Self.client(insecure) {
                $0.log = log.logger
            } _: {
                try await $0.text(url)
            }
            #expect(text == "secure")
            #expect(log.warnings.count == 1)
        }
    }

    @Test func `two requests at once share a connection of HTTP 2`() async throws {
        let certificate = try await TestCertificate()
        let gate = Meeting(count: 2)
        let counts = Mutex<[Int]>([])
        try await SoundServer.run(tls: certificate) { _ in
            await gate.meet()
            return ServerResponse(.ok)
        } _: { server in
            let url = try OutgoingURL("https://localhost:\(server.server.port)/")
            try await Self.client(OutgoingTLS(authorityFiles: [certificate.certificateFile])) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 { group.addTask { _ = try await client.text(url) } }
                    try await group.waitForAll()
                }
                counts.withLock { $0.append(server.connectionCount) }
            }
        }
        #expect(counts.withLock { $0 } == [1])
    }

    @Test func `plain HTTP where TLS is meant, and the other way round, is told`() async throws {
        try await SoundServer.run(respond: Self.hello) { server in
            let url = try OutgoingURL("https://127.0.0.1:\(server.server.port)/")
            let error = try await Self.client(OutgoingTLS()) { try await $0.failure(OutgoingRequest(.get, url)) }
            #expect(error.code == .tls && error.message.contains("has to be said: --plain-http"), "\(error)")
        }
    }

    @Test func `files that are not there are told by their paths`() throws {
        var configuration = OutgoingClient.Configuration()
        configuration.tls.authorityFiles = ["/nowhere/ca.pem"]
        let error = #expect(throws: OutgoingError.self) { try OutgoingClient(configuration) }
        #expect(error?.code == .tls && error?.message.contains("/nowhere/ca.pem") == true)
    }

    @Test func `a certificate of one's own is shown`() async throws {
        let certificate = try await TestCertificate()
        let port = try await OpenSSLServer.freePort()
        let server = try OpenSSLServer.start(
            port: port,
            certificate: certificate,
            ["-Verify", "1", "-CAfile", certificate.certificateFile]
        )
        try await server.waitUntil("it accepts") { server.standardOutput.contains("ACCEPT") }
        let url = try OutgoingURL("https://localhost:\(port)/")
        var tls = OutgoingTLS(authorityFiles: [certificate.certificateFile])
        let without = try await Self.client(tls) { try await $0.failure(OutgoingRequest(.get, url)) }
        #expect(
            without.code == .tls && without.message.contains("client's certificate"),
            "\(without) \(String(describing: without.underlying))"
        )
        tls.clientCertificate = .init(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
        let page = try await Self.client(tls) { try await $0.text(url) }
        #expect(page.contains("s_server") && page.contains("localhost"))
        await server.kill()
    }

    @Test func `TLS 1_1 is not spoken`() async throws {
        let certificate = try await TestCertificate()
        let port = try await OpenSSLServer.freePort()
        let server = try OpenSSLServer.start(
            port: port,
            certificate: certificate,
            ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"]
        )
        try await server.waitUntil("it accepts") { server.standardOutput.contains("ACCEPT") }
        let url = try OutgoingURL("https://localhost:\(port)/")
        let tls = OutgoingTLS(authorityFiles: [certificate.certificateFile])
        let error = try await Self.client(tls) { try await $0.failure(OutgoingRequest(.get, url)) }
        #expect(
            error.code == .tls && error.message.contains("TLS 1.2"),
            "\(error) \(String(describing: error.underlying))"
        )
        await server.kill()
    }
}

/// OpenSSL's own server, which shows what it agreed on as a page.
private enum OpenSSLServer {
    static func start(port: Int, certificate: TestCertificate, _ more: [String]) throws -> RunningProcess {
        let arguments = ["s_server", "-accept", "127.0.0.1:\(port)", "-www"]
        let files = ["-cert", certificate.certificateFile, "-key", certificate.keyFile]
        return try Command("/usr/bin/openssl", arguments + files + more).start()
    }

    /// A port that was free a moment ago.
    static func freePort() async throws -> Int {
        let script = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let text = try await Command("/usr/bin/python3", ["-c", script]).output()
        return try #require(Int(text.split(separator: "\n").first ?? ""))
    }
}

/// Where so many must come before any goes on.
private actor Meeting {
    private let count: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) { self.count = count }

    func meet() async {
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            guard waiting.count == count else { return }
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }
}

/// Keeps what is logged as a warning.
private final class LogLines: Sendable {
    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if event.level == .warning { lines.kept.withLock { $0.append("\(event.message)") } }
        }
    }

    private let kept = Mutex<[String]>([])

    var warnings: [String] { kept.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }
}

@Suite struct CertificateNamesTests {
    @Test(arguments: [
        ("registry.example", "registry.example", true), ("registry.example", "registry.example.", true),
        ("registry.example", "a.registry.example", false), ("*.registry.example", "a.registry.example", true),
        ("*.registry.example", "registry.example", false), ("*.registry.example", "a.b.registry.example", false),
        ("*.registry.example", ".registry.example", false), ("*.example", "registry.example", false),
        ("*", "registry", false),
        ("a*.registry.example", "ab.registry.example", false), ("127.0.0.1", "127.0.0.1", false),
    ])
    func `a name of a certificate is for itself, and a star for one label`(name: String, host: String, isFor: Bool) {
        #expect(CertificateNames(names: [name]).contain(host) == isFor)
    }

    @Test func `an address is named as such`() {
        let names = CertificateNames(names: ["localhost"], addresses: [[127, 0, 0, 1]])
        #expect(names.contain("127.0.0.1") && names.contain("localhost"))
        #expect(!names.contain("127.0.0.2") && !names.contain("::1"))
    }
}

import Certificates
import ContainerTools
import Diagnosis
import Foundation
import HTTPServing
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NetworkAddress
import Observability
import RegistryTesting
import Testing

/// A server of HTTPServing in this process that answers as it is told.
struct ScriptedServer {
    let port: Int

    private struct Responder: HTTPResponder {
        let answer: @Sendable (ServerRequest) async -> ServerResponse
        func respond(to request: ServerRequest) async -> ServerResponse { await answer(request) }
    }

    /// Runs a server for as long as `body`.
    static func run(
        tls: TLSMaterial? = nil,
        port: Int = 0,
        _ answer: @escaping @Sendable (ServerRequest) async -> ServerResponse = SampleRegistry().answer,
        _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let server = try await HTTPServer.start(
            HTTPServer.Configuration(host: "127.0.0.1", port: port, tls: tls, proxies: TrustedProxies([])),
            responder: Responder(answer: answer),
            metrics: ServerMetrics(MetricSet()),
            group: MultiThreadedEventLoopGroup.singleton,
            threads: .singleton
        )
        do {
            try await body(ScriptedServer(port: server.port))
        } catch {
            _ = await server.drain(within: .zero)
            throw error
        }
        _ = await server.drain(within: .zero)
    }
}

/// A registry of one image, whose answers can be bent one by one.
struct SampleRegistry: Sendable {
    /// What is answered in the place of the usual, where that is not nil.
    var bent: @Sendable (ServerRequest) -> ServerResponse? = { _ in nil }

    static let layer = SampleBlob("a layer")
    static let config = SampleBlob("{}")
    static let manifest =
        #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"#
        + config.descriptor("application/vnd.oci.image.config.v1+json") + #","layers":["#
        + layer.descriptor("application/vnd.oci.image.layer.v1.tar") + "]}"

    var answer: @Sendable (ServerRequest) async -> ServerResponse {
        { request in bent(request) ?? Self.usual(request) }
    }

    static func usual(_ request: ServerRequest) -> ServerResponse {
        switch request.target.prefix(while: { $0 != "?" }) {
        case "/v2/":
            return json("{}", ["Docker-Distribution-Api-Version": "registry/2.0"])
        case "/v2/team/app/manifests/1.0":
            return json(manifest, ["Content-Type": "application/vnd.oci.image.manifest.v1+json"])
        case "/v2/team/app/tags/list": return json(#"{"name":"team/app","tags":["1.0","1.1","latest"]}"#)
        case "/v2/team/app/blobs/\(layer.digest)":
            let range = "bytes 0-0/\(layer.bytes.count)"
            let headers: HTTPHeaders = ["Content-Range": range]
            return ServerResponse(
                .partialContent,
                headers: headers,
                body: .bytes(ByteBuffer(bytes: layer.bytes.prefix(1)))
            )
        case let path where path.hasPrefix("/v2/team/app/"): return refusal(.notFound, "MANIFEST_UNKNOWN")
        default: return refusal(.notFound, "NAME_UNKNOWN")
        }
    }

    static func json(_ text: String, _ headers: HTTPHeaders = [:], status: HTTPResponseStatus = .ok) -> ServerResponse {
        var headers = headers
        if !headers.contains(name: "Content-Type") { headers.add(name: "Content-Type", value: "application/json") }
        return ServerResponse(status, headers: headers, body: .bytes(ByteBuffer(string: text)))
    }

    static func refusal(_ status: HTTPResponseStatus, _ code: String, _ headers: HTTPHeaders = [:]) -> ServerResponse {
        json(#"{"errors":[{"code":"\#(code)","message":"no"}]}"#, headers, status: status)
    }

    static func page(_ status: HTTPResponseStatus = .ok) -> ServerResponse {
        json("<html><body>Welcome</body></html>", ["Content-Type": "text/html"], status: status)
    }
}

/// A machine whose files lie in a temporary folder.
struct TestMachine {
    let folder: TemporaryFolder
    var machine: Machine

    init(_ environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/home", withIntermediateDirectories: true)
        var environment = environment
        environment["PATH"] = "/usr/bin:/bin"
        machine = Machine(environment: environment, home: "\(folder.path)/home", root: folder.path)
    }

    /// What is found for a reference.
    func findings(
        _ reference: String,
        _ change: (inout Diagnosis.Configuration) -> Void = { _ in }
    ) async throws -> [Finding] {
        var configuration = Diagnosis.Configuration(machine: machine)
        configuration.connectTimeout = .milliseconds(1500)
        configuration.answerTimeout = .milliseconds(1500)
        change(&configuration)
        return try await Diagnosis(configuration).run(reference)
    }

    /// The one failure that there must be.
    func failure(
        _ reference: String,
        _ change: (inout Diagnosis.Configuration) -> Void = { _ in }
    ) async throws -> Finding {
        let findings = try await findings(reference, change)
        let failures = findings.filter { $0.state == .failure }
        try #require(failures.count == 1, "\(findings.shown)")
        return failures[0]
    }

    /// Fails the test unless all is well.
    func expectGood(
        _ reference: String,
        warnings: Set<DiagnosisStep> = [],
        _ change: (inout Diagnosis.Configuration) -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let findings = try await findings(reference, change)
        let bad = findings.filter { $0.state != .good && !($0.state == .warning && warnings.contains($0.step)) }
        #expect(bad.isEmpty, "\(findings.shown)", sourceLocation: sourceLocation)
        #expect(findings.map(\.step) == DiagnosisStep.allCases, sourceLocation: sourceLocation)
    }

    /// Does what a mend says: its text into its file, and its commands, where they are for a person at a shell.
    func apply(_ mend: Mend, runsCommands: Bool = true) async throws {
        if let file = mend.file, let text = mend.text { try write(text, to: file) }
        guard runsCommands else { return }
        for command in mend.commands {
            let line = command.replacing("sudo ", with: "")
            try await Command("/bin/sh", ["-c", "cd \(folder.path) && \(line)"]).output()
        }
    }

    /// Writes a file, with the folders above it.
    func write(_ text: String, to path: String) throws {
        #expect(path.hasPrefix(folder.path), "\(path)")
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }
}

/// A certificate of an authority of its own, in files.
struct IssuedCertificate {
    let folder: TemporaryFolder
    let authority: CertificateAuthority

    var authorityFile: String { "\(folder.path)/ca.pem" }

    init(_ names: [String] = ["localhost", "127.0.0.1"], daysAgo: Double = 0, daysAhead: Double = 0) throws {
        folder = try TemporaryFolder()
        var generator = SystemRandomNumberGenerator()
        let made = Date().addingTimeInterval(-daysAgo * 86_400)
        authority = try CertificateAuthority.make(at: made, using: &generator)
        try issue(names, at: made.addingTimeInterval(daysAhead * 86_400))
        try authority.certificate.write(toFile: authorityFile, atomically: true, encoding: .utf8)
    }

    /// Puts another certificate of the same authority in the place of the former.
    func issue(_ names: [String], at moment: Date = Date()) throws {
        var generator = SystemRandomNumberGenerator()
        let names = try names.map { try CertificateName($0) }
        let own = try authority.issue(for: names, at: moment, dayCount: 10, using: &generator)
        try own.chain.write(toFile: "\(folder.path)/server.pem", atomically: true, encoding: .utf8)
        try own.key.pem.write(toFile: "\(folder.path)/server.key", atomically: true, encoding: .utf8)
    }

    func material() throws -> TLSMaterial {
        try TLSMaterial(
            certificateFile: "\(folder.path)/server.pem",
            keyFile: "\(folder.path)/server.key",
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}

extension [Finding] {
    /// All of them, for the message of a test that failed.
    var shown: String { map { "\($0.step) \($0.state) \($0.fault?.code ?? ""): \($0.seen)" }.joined(separator: "\n") }

    subscript(step: DiagnosisStep) -> Finding? { first { $0.step == step } }
}

extension Finding {
    /// The mend for a tool that is meant first.
    func mend(_ tool: Mend.Tool, sourceLocation: SourceLocation = #_sourceLocation) throws -> Mend {
        try #require(mends.first { $0.tool == tool }, "\(mends)", sourceLocation: sourceLocation)
    }
}

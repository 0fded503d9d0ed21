import AWS
import Foundation
import Outgoing
import RegistryTesting
import Synchronization
import Testing

@testable import BlobStorageS3

/// The servers that others wrote.
enum Party: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case radosGateway
    case rclone

    var testDescription: String { rawValue }

    func server() async throws -> any S3Server {
        switch self {
        case .radosGateway: try await RadosGateway.shared
        case .rclone: try await RcloneS3.shared
        }
    }

    /// Runs `body` with a client for a new bucket.
    func run(
        _ change: (inout S3Settings) -> Void = { _ in },
        _ body: (S3Client) async throws -> Void
    ) async throws {
        let server = try await server()
        var settings = S3Settings(
            region: "us-east-1",
            bucket: try await server.makeBucket(),
            credentials: server.credentials
        )
        settings.endpoint = server.endpoint
        settings.prefix = "some/where"
        change(&settings)
        try await withClient(settings, body)
    }
}

extension S3Server {
    var credentials: S3Settings.Credentials {
        .fixed(AWSCredentials(accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, source: "a test"))
    }
}

/// Runs `body` with a client.
func withClient(
    _ settings: S3Settings,
    pacing: S3Pacing = .system,
    _ body: (S3Client) async throws -> Void
) async throws {
    var configuration = OutgoingClient.Configuration()
    configuration.limits = settings.limits.outgoing
    let transport = try OutgoingClient(configuration)
    do {
        try await body(try S3Client(settings, transport: transport, pacing: pacing))
    } catch {
        await transport.shutDown()
        throw error
    }
    await transport.shutDown()
}

extension S3Settings {
    /// A bucket behind a server of this machine.
    static func local(port: Int) throws -> S3Settings {
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "hunter2hunter2", source: "a test")
        var settings = S3Settings(region: "us-east-1", bucket: "bucket", credentials: .fixed(credentials))
        settings.endpoint = try OutgoingURL("http://127.0.0.1:\(port)/")
        return settings
    }
}

/// Time that runs fifty times as fast, and what was waited for.
final class QuickTime: Sendable {
    private let waited = Mutex<[Duration]>([])
    private let start = ContinuousClock.now

    /// The pauses between attempts; not the alarms, which are longer.
    var pauses: [Duration] { waited.withLock { $0.filter { $0 < .seconds(25) } } }

    var pacing: S3Pacing {
        S3Pacing(
            now: { Date(timeIntervalSince1970: 1_700_000_000) },
            elapsed: { [start] in start.duration(to: .now) * 50 },
            pause: { duration in
                self.waited.withLock { $0.append(duration) }
                try await Task.sleep(for: duration / 50)
            },
            random: { 1 }
        )
    }
}

/// Runs `body` with a client of a server that says what a test wants, in time that runs quickly.
func withHostile(
    _ answer: @escaping @Sendable (Asked, Int) async -> Said,
    limits: S3Limits = S3Limits(),
    time: QuickTime = QuickTime(),
    _ body: @Sendable (S3Client, HostileServer) async throws -> Void
) async throws {
    try await HostileServer.run(answer) { server in
        var settings = try S3Settings.local(port: server.port)
        settings.limits = limits
        try await withClient(settings, pacing: time.pacing) { client in try await body(client, server) }
    }
}

/// What a call throws, which must be an ``S3Error``.
func failure<Value>(_ body: () async throws -> Value) async throws -> S3Error {
    do {
        _ = try await body()
    } catch let error as S3Error {
        return error
    }
    throw Succeeded()
}

/// Fails a test unless a call throws an ``S3Error`` of this code.
func expectFailure<Value>(
    _ code: S3Error.Code,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Value
) async throws {
    let error = try await failure(body)
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
}

/// A call that should have failed.
struct Succeeded: Error {}

extension Said {
    /// An answer in XML.
    static func xml(_ status: Int, _ text: String, _ headers: [(String, String)] = []) -> Said {
        answer(status, [("Content-Type", "application/xml")] + headers, Array(text.utf8))
    }

    /// An error as S3 says it.
    static func error(_ status: Int, _ code: String, _ headers: [(String, String)] = []) -> Said {
        xml(status, "<Error><Code>\(code)</Code><Message>said so</Message></Error>", headers)
    }

    static let slowDown = error(503, "SlowDown")
}

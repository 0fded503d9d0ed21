public import BlobStorage
import BlobStorageFiles
import DistributionAPI
import Foundation
import HTTPServing
public import Hosting
import Logging
public import Metadata
import MetadataSQLite
import NIOCore
import NIOPosix
import Observability

/// A whole registry in a folder of its own, for as long as a closure runs.
public enum TestRegistry {
    /// How many registries stand at once: each has a database with threads and open files.
    private static let gate = Gate(limit: 8)

    /// Runs `body` with a registry that is asked without a socket.
    public static func withResponder(_ body: @Sendable (any RegistryHarness) async throws -> Void) async throws {
        try await withInstallation { installation in
            try await body(ResponderHarness(responder: responder(installation.host)))
        }
    }

    /// Runs `body` with a registry that listens on a free port of loopback.
    public static func withServer(_ body: @Sendable (TestHTTPClient) async throws -> Void) async throws {
        try await withInstallation { installation in
            let server = try await HTTPServer.start(
                HTTPServer.Configuration(host: "127.0.0.1", port: 0, proxies: TrustedProxies([])),
                responder: responder(installation.host),
                metrics: ServerMetrics(MetricSet()),
                group: MultiThreadedEventLoopGroup.singleton,
                threads: .singleton
            )
            do {
                try await body(TestHTTPClient(port: server.port))
            } catch {
                _ = await server.drain(within: .zero)
                throw error
            }
            _ = await server.drain(within: .zero)
        }
    }

    /// Runs `body` with a registry that is asked over TLS: one server has all of them, under a name for each.
    public static func withTLS(
        _ version: TestTLSClient.Version,
        _ body: @Sendable (any RegistryHarness) async throws -> Void
    ) async throws {
        let server = try await TestTLSServer.shared()
        try await withInstallation { installation in
            try await server.withRegistry(responder(installation.host), version: version, body)
        }
    }

    private static func responder(_ host: RegistryHost) -> DistributionResponder {
        DistributionResponder(
            registries: host,
            options: DistributionResponder.Options(),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// A hosted registry, and what it stands on.
    public struct Installation: Sendable {
        /// The facts, in ``TestDatabase/current``.
        public let facts: FactStore
        /// The blobs, in ``TestBlobs/current``.
        public let blobs: any BlobStore
        /// The registry over both.
        public let host: RegistryHost
    }

    /// Runs `body` with a hosted registry over a database and files in a temporary folder, which is removed afterwards.
    public static func withInstallation(_ body: @Sendable (Installation) async throws -> Void) async throws {
        try await gate.enter {
            // Every store begins with folders by the hundred, which a disk takes longer to make than a test to run.
            let temporary = try TemporaryFolder(inMemory: true)
            let folder = try DataFolder.open(temporary.path, for: .serving)
            // Both go away with their last use, and that is not to be before the end.
            defer { withExtendedLifetime((temporary, folder)) {} }
            let engine = try await TestDatabase.current.open(in: temporary)
            let facts = FactStore(engine: engine)
            try await facts.migrate()
            let blobs = try await TestBlobs.current.open(in: folder.path)
            let options = RegistryHost.Options(isAlone: engine is SQLiteEngine)
            let host = RegistryHost(facts: facts, blobs: blobs, options: options) {
                Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
            }
            do {
                try await body(Installation(facts: facts, blobs: blobs, host: host))
            } catch {
                try? await engine.close()
                throw error
            }
            try await engine.close()
        }
    }
}

/// Lets a bounded number in at once; the others wait for their turn.
private actor Gate {
    private var freeCount: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(limit: Int) {
        freeCount = limit
    }

    nonisolated func enter(_ body: @Sendable () async throws -> Void) async throws {
        await take()
        do {
            try await body()
        } catch {
            await leave()
            throw error
        }
        await leave()
    }

    private func take() async {
        guard freeCount == 0 else {
            freeCount -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty {
            freeCount += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}

import Logging
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import RegistryClient

@Suite("A registry with mirrors")
struct MirrorTests {
    private static let image = SampleImage(seed: 6, layerSize: 400_000)

    private static func mirrored(_ origin: any Registry, _ mirrors: [any Registry]) -> MirroredRegistry {
        MirroredRegistry(
            origin,
            mirrors: mirrors.enumerated().map { .init(name: "mirror \($0.offset)", registry: $0.element) },
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("Content comes from the first that has it, and changes go to the origin alone")
    func order() async throws {
        let (origin, empty, full) = (MemoryRegistry(), MemoryRegistry(), MemoryRegistry())
        try await full.push(Self.image, to: .app, tags: "1")
        let registry = Self.mirrored(origin, [empty, full])
        try await registry.demandWhole(Self.image.manifest, as: "1", in: .app)
        for blob in Self.image.blobs { try await registry.demandWhole(blob, in: .app) }
        let other = SampleImage(seed: 7)
        try await registry.push(other, to: .app, tags: "2")
        try await origin.demandWhole(other.manifest, as: "2", in: .app)
        let tags = try await registry.allTags(in: .app)
        #expect(tags == ["2"])
        let error = try await refusal { _ = try await registry.manifest(.tag(Tag("3")), in: .app) }
        #expect(error.code == .manifestUnknown)
    }

    @Test("A mirror that gives other bytes, other sizes, pages or nothing is passed over")
    func hostile() async throws {
        let origin = MemoryRegistry()
        try await origin.push(Self.image, to: .app, tags: "1")
        let answers: [@Sendable (Asked, Int) async -> Said] = [
            { _, _ in .answer(200, [("Content-Type", Self.image.manifest.mediaType)], Array("{}".utf8)) },
            { _, _ in .answer(200, [("Content-Type", "text/html")], Array("<html>".utf8)) },
            { _, _ in .answer(401, [("WWW-Authenticate", "Basic realm=x")]) },
            { _, _ in Said(bytes: [], ends: true) },
        ]
        for answer in answers {
            try await TestClient.run(against: answer) { test, server in
                let registry = Self.mirrored(origin, [test.client])
                try await registry.demandWhole(Self.image.manifest, as: Self.image.manifest.digest, in: .app)
                #expect(!server.asked.isEmpty)
            }
        }
    }

    @Test("A blob that breaks off at a mirror comes to its end from the origin")
    func broken() async throws {
        let origin = MemoryRegistry()
        try await origin.push(Self.image, to: .app, tags: "1")
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            let bytes = Self.image.layer.bytes
            return number == 0
                ? .answer(200, [], Array(bytes.prefix(150_000)), length: bytes.count).cut : .answer(404)
        }
        try await TestClient.run(against: answer) { test, _ in
            let registry = Self.mirrored(origin, [test.client])
            let content = try await registry.blob(Self.image.layer.name, in: .app)
            let bytes = try await content.allBytes()
            #expect(bytes == Self.image.layer.bytes)
        }
    }

    @Test("A mirror that states another size of a blob is passed over with a warning, for the next and the origin")
    func otherSize() async throws {
        let origin = MemoryRegistry()
        try await origin.push(Self.image, to: .app, tags: "1")
        let layer = Self.image.layer
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .answer(200, [("Content-Type", "application/octet-stream")], Array(layer.bytes.dropLast()))
        }
        try await TestClient.run(against: answer) { test, server in
            let words = LogWords()
            let registry = MirroredRegistry(
                origin,
                mirrors: [.init(name: "first", registry: test.client), .init(name: "second", registry: test.client)],
                log: Logger(label: "test") { _ in words }
            )
            let size = Int64(layer.bytes.count)
            let content = try await registry.blob(layer.name, of: size, range: nil, in: .app)
            #expect(content.byteCount == size)
            let bytes = try await content.allBytes()
            #expect(bytes == layer.bytes)
            #expect(server.asked.count == 2)
            #expect(words.warnings.count == 2 && words.warnings.allSatisfy { $0.contains("passed over") })
            // Where nobody has the size, the origin says what it has: the caller finds out who is wrong.
            let other = try await registry.blob(layer.name, of: size + 5, range: nil, in: .app)
            #expect(other.byteCount == size)
        }
    }
}

/// Keeps what is said as a warning.
private struct LogWords: LogHandler {
    private let kept = Kept()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    var warnings: [String] { kept.words.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level == .warning else { return }
        kept.words.withLock { $0.append("\(event.message)") }
    }

    private final class Kept: Sendable {
        let words = Mutex<[String]>([])
    }
}

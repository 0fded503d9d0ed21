import Logging
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("A registry or mirror that attacks")
struct AttackTests {
    private static let subject = SampleBlob("subject").digest

    /// A descriptor of the subject.
    private static let descriptor =
        #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(subject)","size":2}"#

    @Test("An index of referrers that refers to what it is for keeps nobody waiting", .timeLimit(.minutes(1)))
    func circle() async throws {
        let tag = "/v2/team/app/manifests/\(Self.subject.replacing(":", with: "-"))"
        let index =
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"#
            + #""subject":\#(Self.descriptor)}"#
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if asked.method == "PUT" { return .answer(201) }
            let fields = [("Content-Type", MediaType.imageIndex.description)]
            return asked.target == tag
                ? .answer(200, fields, Array(index.utf8), isHead: asked.method == "HEAD") : .answer(404)
        }
        try await TestClient.run(against: answer) { test, server in
            let config = SampleBlob("{}").descriptor("application/vnd.oci.empty.v1+json")
            let manifest = SampleManifest.image(
                config: config,
                layers: [],
                extra: #","subject":\#(Self.descriptor)"#
            )
            _ = try await test.client.putManifest(manifest.push(tags: [], by: manifest.name), in: .app)
            let pushed = server.asked.filter { $0.method == "PUT" && $0.target == tag }
            #expect(pushed.count == 1)
            #expect(!String(decoding: try #require(pushed.first).body, as: UTF8.self).contains("subject\""))
        }
    }

    @Test("An upload that is said to have more bytes than can be counted ends no program")
    func offset() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            let fields = [("Range", "0-9223372036854775806"), ("Location", "/up"), ("OCI-Chunk-Min-Length", "1000")]
            return asked.method == "POST" ? .answer(202, fields) : .answer(204, fields)
        }
        try await TestClient.run(against: answer) { test, _ in
            let upload = try await test.client.startUpload(in: .app, algorithm: .sha256)
            let bytes = BytesBody(ByteBuffer(bytes: [UInt8](repeating: 1, count: 10)))
            _ = try await test.client.append(bytes, to: upload.id, at: 0, in: .app)
            let status = try await test.client.upload(upload.id, in: .app)
            #expect(status.offset == 10)
            let more = BytesBody(ByteBuffer(bytes: [UInt8](repeating: 2, count: 2000)))
            #expect(try await test.client.append(more, to: upload.id, at: 10, in: .app).offset == 2010)
        }
    }

    @Test("A mirror that is trusted with digests alone is not asked where a tag points")
    func scope() async throws {
        let (origin, mirror) = (MemoryRegistry(), MemoryRegistry())
        let (image, other) = (SampleImage(seed: 6), SampleImage(seed: 7))
        try await origin.push(image, to: .app, tags: "1")
        try await mirror.push(image, to: .app, tags: "2")
        try await mirror.push(other, to: .app, tags: "1")
        let registry = MirroredRegistry(
            origin,
            mirrors: [.init(name: "mirror", registry: mirror, scope: .digests)],
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await registry.demandWhole(image.manifest, as: "1", in: .app)
        #expect(try await registry.descriptor(of: .tag(Tag("1")), in: .app).digest == image.manifest.name)
        try await registry.demandWhole(other.manifest, as: other.manifest.digest, in: .app)
    }

    @Test("An answer that does not end keeps nobody waiting who does not want it", .timeLimit(.minutes(1)))
    func endless() async throws {
        let manifest = RegistryRules.index(1)
        try await TestClient.run(against: { _, _ in .answer(201, length: 100) }) { test, _ in
            let start = ContinuousClock.now
            _ = try await test.client.putManifest(manifest.push(tags: [Tag("1")], by: manifest.name), in: .app)
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }
}

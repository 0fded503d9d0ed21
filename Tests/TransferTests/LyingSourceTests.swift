import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

@Suite("A source that lies")
struct LyingSourceTests {
    private let origin = MemoryRegistry()
    private let target = HookedRegistry(MemoryRegistry())
    private let layer = SampleBlob(count: 100_000, seed: 3)

    /// What a source gives in place of the layer.
    struct Lie: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: RegistryError.Code
        var change: @Sendable (ByteBuffer) -> (byteCount: Int64, bytes: ByteBuffer)
    }

    static let lies = [
        Lie(testDescription: "another last byte", code: .digestMismatch) { (100_000, flipped($0, at: 99_999)) },
        Lie(testDescription: "another first byte", code: .digestMismatch) { (100_000, flipped($0, at: 0)) },
        Lie(testDescription: "too few bytes, and says so", code: .sizeInvalid) { (99_999, slice($0, 99_999)) },
        Lie(testDescription: "too few bytes, and denies it", code: .unavailable) { (100_000, slice($0, 99_999)) },
        Lie(testDescription: "no bytes", code: .unavailable) { (100_000, slice($0, 0)) },
        Lie(testDescription: "too many bytes, and says so", code: .sizeInvalid) { (100_001, longer($0)) },
        Lie(testDescription: "too many bytes, and denies it", code: .sizeInvalid) { (100_000, longer($0)) },
    ]

    static func flipped(_ bytes: ByteBuffer, at index: Int) -> ByteBuffer {
        var bytes = bytes
        let byte = bytes.getInteger(at: index, as: UInt8.self) ?? 0
        bytes.setInteger(byte ^ 1, at: index)
        return bytes
    }

    static func slice(_ bytes: ByteBuffer, _ count: Int) -> ByteBuffer {
        bytes.getSlice(at: 0, length: count) ?? bytes
    }

    static func longer(_ bytes: ByteBuffer) -> ByteBuffer {
        var bytes = bytes
        bytes.writeInteger(7 as UInt8)
        return bytes
    }

    @Test("never gets the whole of a wrong blob to the target", arguments: lies)
    func blobs(lie: Lie) async throws {
        let image = Samples.Layered([layer], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let source = HookedRegistry(
            origin,
            reading: { content, range in
                guard content.byteCount == 100_000, case .bytes(let bytes) = content.source else { return content }
                let (byteCount, lied) = lie.change(bytes)
                let from = Int(range?.lowerBound ?? 0)
                let part = from < lied.readableBytes ? lied.getSlice(at: from, length: lied.readableBytes - from) : nil
                let stream = PiecesStream(part ?? ByteBuffer(), pieceByteCount: 9000)
                return BlobContent(byteCount: byteCount, range: Int64(from)..<byteCount, source: .stream(stream))
            }
        )
        let error = try await #require(throws: TransferError.self) {
            try await Samples.transfer(from: source, to: target)
                .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        }
        #expect(error.side == .reading && error.code == lie.code, "\(error)")
        #expect(error.content == "blob \(layer.digest)")
        #expect(target.sentByteCount < 100_000 + Int64(image.config.bytes.count))
        #expect(target.openUploads.isEmpty)
        await #expect(throws: RegistryError.self) { try await target.blobByteCount(layer.name, in: Samples.copy) }
        await #expect(throws: RegistryError.self) {
            try await target.manifest(Samples.reference("1.0"), in: Samples.copy)
        }
    }

    @Test func `is found out by a wrong size in the manifest`() async throws {
        let config = SampleBlob(#"{"architecture":"amd64","os":"linux"}"#)
        let manifest = SampleManifest.image(
            config: config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: [#"{"mediaType":"application/x-layer","digest":"\#(layer.digest)","size":5}"#]
        )
        for blob in [config, layer] { try await origin.push(blob, to: Samples.app) }
        try await origin.push(manifest, to: Samples.app, tags: "1.0")
        let error = try await #require(throws: TransferError.self) {
            try await Samples.transfer(from: origin, to: target)
                .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        }
        #expect(error.code == .sizeInvalid && error.side == .reading)
    }

    @Test func `gives other bytes when it is asked again: the target finds out`() async throws {
        let image = Samples.Layered([layer], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let source = HookedRegistry(
            origin,
            reading: { content, range in
                guard content.byteCount == 100_000, case .bytes(let bytes) = content.source, range != nil else {
                    return content.streamed(range, pieceByteCount: 9000)
                }
                // Among the few bytes that the target had lost: the rest goes on to come as it did.
                let lied = BlobContent(byteCount: 100_000, source: .bytes(Self.flipped(bytes, at: 52_000)))
                return lied.streamed(range, pieceByteCount: 9000)
            }
        )
        let broken = HookedRegistry(
            target,
            writing: { $0.declaredByteCount == 100_000 ? CutStream($0, after: 50_000) : $0 }
        )
        var options = TransferOptions()
        options.retry = TransferRetries(restartsMax: 3)
        let transfer = try Samples.transfer(from: source, to: broken, options: options)
        let error = try await #require(throws: TransferError.self) {
            try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        }
        #expect(error.code == .digestMismatch, "\(error)")
        await #expect(throws: RegistryError.self) { try await target.blobByteCount(layer.name, in: Samples.copy) }
    }

    @Test func `cannot give another manifest for a digest`() async throws {
        let image = Samples.Layered([layer], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let source = HookedRegistry(origin, manifests: { LyingSourceTests.longer($0) })
        let error = try await #require(throws: TransferError.self) {
            try await Samples.transfer(from: source, to: target)
                .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        }
        #expect(error.code == .digestMismatch && error.side == .reading)
    }
}

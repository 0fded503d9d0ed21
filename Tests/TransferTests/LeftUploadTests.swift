import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Transfer

@Suite("An upload that an earlier program has left")
struct LeftUploadTests {
    private static let byteCount = 200_000
    private let origin = MemoryRegistry()
    private let store = MemoryRegistry()
    private let layer = SampleBlob(count: byteCount, seed: 5)

    /// A target that has an upload of the layer with these bytes, once.
    private func target(with bytes: [UInt8]) async throws -> HookedRegistry {
        let repository = try Samples.copy
        let id = try await store.startUpload(in: repository, algorithm: .sha256).id
        let body = BytesBody(ByteBuffer(bytes: bytes))
        let status = try await store.append(body, to: id, at: 0, in: repository)
        let left = Mutex<UploadStatus?>(status)
        let digest = try layer.name
        return HookedRegistry(
            store,
            leftUpload: { blob in
                guard blob.digest == digest else { return nil }
                return left.withLock { left in
                    defer { left = nil }
                    return left
                }
            }
        )
    }

    private func copy(from source: any Registry, to target: HookedRegistry) async throws -> TransferReport {
        let image = Samples.Layered([layer], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        var options = TransferOptions()
        options.keepsUploads = true
        let observer = RecordingObserver()
        let transfer = try Samples.transfer(from: source, to: target, options: options, observer: observer)
        let report = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        try await image.demandWhole(store, as: "1.0", in: Samples.copy)
        #expect(target.openUploads.isEmpty)
        #expect(observer.record.advanced[try layer.name] == Int64(Self.byteCount))
        return report
    }

    private var streaming: HookedRegistry {
        HookedRegistry(origin, reading: { content, range in content.streamed(range) })
    }

    @Test("is gone on with, and only the rest is read and sent", arguments: [1, 70_001, byteCount - 1, byteCount])
    func rest(there: Int) async throws {
        let target = try await target(with: Array(layer.bytes.prefix(there)))
        let asked = Mutex<[Range<Int64>?]>([])
        let source = HookedRegistry(
            origin,
            reading: { content, range in
                if content.byteCount == Self.byteCount { asked.withLock { $0.append(range) } }
                return content.streamed(range)
            }
        )
        let report = try await copy(from: source, to: target)
        let rest = Int64(there)..<Int64(Self.byteCount)
        #expect(asked.withLock { $0 } == (rest.isEmpty ? [] : [rest]))
        #expect(target.sentByteCount - report.configByteCount == Int64(rest.count))
    }

    @Test func `is gone on with from a file, whose beginning is hashed and not sent`() async throws {
        let target = try await target(with: Array(layer.bytes.prefix(70_001)))
        let report = try await copy(from: origin, to: target)
        #expect(target.sentByteCount - report.configByteCount == Int64(Self.byteCount - 70_001))
    }

    @Test func `with other bytes is given up, and all is sent`() async throws {
        let target = try await target(with: [UInt8](repeating: 7, count: 70_001))
        _ = try await copy(from: streaming, to: target)
        #expect(target.callNames.count { $0 == "startUpload" } == 2)
    }

    @Test func `with more bytes than the blob has is given up, and all is sent`() async throws {
        let target = try await target(with: layer.bytes + [1])
        _ = try await copy(from: streaming, to: target)
        #expect(target.callNames.contains("cancelUpload"))
    }

    @Test func `of a source that sends another rest makes no blob`() async throws {
        let target = try await target(with: Array(layer.bytes.prefix(70_001)))
        let liar = HookedRegistry(
            origin,
            reading: { content, range in
                guard content.byteCount == Self.byteCount, case .bytes(let bytes) = content.source else {
                    return content
                }
                let flipped = LyingSourceTests.flipped(bytes, at: Self.byteCount - 1)
                return BlobContent(byteCount: content.byteCount, source: .bytes(flipped)).streamed(range)
            }
        )
        let error = try await #require(throws: TransferError.self) { _ = try await copy(from: liar, to: target) }
        #expect(error.side == .reading && error.code == .digestMismatch)
        await #expect(throws: RegistryError.self) {
            try await store.blobByteCount(try layer.name, in: try Samples.copy)
        }
        #expect(target.openUploads.isEmpty)
    }
}

extension TransferReport {
    /// The bytes of the config, which were sent besides.
    fileprivate var configByteCount: Int64 { copied.byteCount - 200_000 }
}

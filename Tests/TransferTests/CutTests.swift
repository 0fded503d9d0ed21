import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Transfer

@Suite("A connection that is cut")
struct CutTests {
    private let origin = MemoryRegistry()
    private let store = MemoryRegistry()
    private let blob = SampleBlob(count: 4 << 20, seed: 42)

    /// Where the next bodies are cut, while there are cuts left.
    private final class Cuts: Sendable {
        private let state: Mutex<(random: SeededGenerator, left: Int)>
        private let byteCountMax: Int

        init(_ count: Int, within byteCountMax: Int, seed: UInt64) {
            state = Mutex((SeededGenerator(seed: seed), count))
            self.byteCountMax = byteCountMax
        }

        var left: Int { state.withLock { $0.left } }

        func cut(_ stream: any ByteStream) -> any ByteStream {
            state.withLock { state in
                guard state.left > 0 else { return stream }
                state.left -= 1
                return CutStream(stream, after: Int.random(in: 0...byteCountMax, using: &state.random))
            }
        }
    }

    private func copy(
        from source: any Registry,
        to target: any Registry,
        triesMax: Int = 5,
        observer: RecordingObserver? = nil
    ) async throws -> TransferReport {
        var options = TransferOptions()
        options.retry = TransferRetries(triesMax: triesMax, restartsMax: 3)
        return try await Samples.transfer(from: source, to: target, options: options, observer: observer)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
    }

    @Test("goes on from there, on either side", arguments: 0..<8)
    func cuts(round: Int) async throws {
        let seed = TestSeed.round(round)
        let image = Samples.Layered([blob], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let sourceCuts = Cuts(10, within: 380_000, seed: seed)
        let targetCuts = Cuts(10, within: 380_000, seed: seed &+ 1)
        let source = HookedRegistry(
            origin,
            reading: { content, range in content.streamed(range, through: { sourceCuts.cut($0) }) }
        )
        let target = HookedRegistry(store, writing: { targetCuts.cut($0) })
        let observer = RecordingObserver()
        let report = try await copy(from: source, to: target, triesMax: 10, observer: observer)
        try await image.demandWhole(store, as: "1.0", in: Samples.copy)
        let situation: Comment = "TEST_SEED=\(TestSeed.run), round \(round)"
        #expect(targetCuts.left == 0 && sourceCuts.left == 0, situation)
        #expect(Double(report.sentByteCount) <= 1.1 * Double(report.copied.byteCount), situation)
        #expect(observer.record.advanced[try blob.name] == Int64(blob.bytes.count), situation)
        #expect(target.openUploads.isEmpty, situation)
    }

    @Test func `begins the upload anew when the target has forgotten it`() async throws {
        let image = Samples.Layered([blob], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let cuts = Cuts(1, within: 100_000, seed: 1)
        let target = HookedRegistry(
            store,
            before: { call, _ in
                if call.name == "upload" { throw RegistryError(.uploadUnknown, "it is gone") }
            },
            writing: { $0.declaredByteCount == 4 << 20 ? cuts.cut($0) : $0 }
        )
        _ = try await copy(from: origin, to: target)
        try await image.demandWhole(store, as: "1.0", in: Samples.copy)
        #expect(target.callNames.count { $0 == "startUpload" } == 3)
    }

    @Test func `gives up when the target takes nothing, and when it forgets each upload`() async throws {
        let image = Samples.Layered([blob], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let deaf = HookedRegistry(store, writing: { CutStream($0, after: 0) })
        let error = try await #require(throws: TransferError.self) { _ = try await copy(from: origin, to: deaf) }
        #expect(error.side == .writing && error.underlying is CutStream.Cut)
        #expect(deaf.openUploads.isEmpty)
        let forgetful = HookedRegistry(
            store,
            before: { call, _ in if call.name == "upload" { throw RegistryError(.uploadUnknown, "it is gone") } },
            writing: { CutStream($0, after: 1000) }
        )
        let second = try await #require(throws: TransferError.self) {
            _ = try await copy(from: origin, to: forgetful)
        }
        #expect(second.side == .writing && second.code == .uploadUnknown)
        #expect(forgetful.callNames.count { $0 == "startUpload" } <= 8)
    }

    @Test func `believes no target that says it has more than it was sent`() async throws {
        let image = Samples.Layered([blob], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let target = HookedRegistry(
            store,
            before: { call, _ in
                guard call.name == "finishUpload" else { return }
                throw RegistryError(.uploadOffsetInvalid, "it stands elsewhere", offset: 4 << 20)
            }
        )
        let error = try await #require(throws: TransferError.self) { _ = try await copy(from: origin, to: target) }
        #expect(error.side == .writing && error.code == .unavailable)
        #expect(target.openUploads.isEmpty)
    }

    @Test func `gives up a source that gives nothing`() async throws {
        let image = Samples.Layered([blob], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let source = HookedRegistry(
            origin,
            reading: { content, range in content.streamed(range, through: { CutStream($0, after: 0) }) }
        )
        let target = HookedRegistry(store)
        let error = try await #require(throws: TransferError.self) { _ = try await copy(from: source, to: target) }
        #expect(error.side == .reading)
        #expect((5...10).contains(source.callNames.count { $0 == "blob" }))
        #expect(target.openUploads.isEmpty)
    }

    @Test func `finds out that a target keeps what came of it as the whole`() async throws {
        let image = Samples.Layered([blob], name: "one")
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let broken = try blob.name
        let cuts = Cuts(1, within: 100_000, seed: 1)
        let target = HookedRegistry(
            store,
            before: { call, _ in
                if call.name == "upload" { throw RegistryError(.uploadUnknown, "it is done") }
            },
            writing: { $0.declaredByteCount == 4 << 20 ? cuts.cut($0) : $0 },
            sizing: { $0 == broken && cuts.left == 0 ? 100_000 : nil }
        )
        let error = try await #require(throws: TransferError.self) { _ = try await copy(from: origin, to: target) }
        #expect(error.side == .writing && error.code == .sizeInvalid)
        #expect(error.description.contains("100000 bytes"))
        #expect(target.callNames.count { $0 == "startUpload" } == 3, "the config, the blob, and the blob again")
        #expect(!target.callNames.contains("putManifest"))
    }
}

import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Transfer

@Suite("A copy that reads again what the target has")
struct VerifyTests {
    private let source = MemoryRegistry()
    private let store = MemoryRegistry()
    private let image = Samples.Layered([SampleBlob(count: 70_000, seed: 2)], name: "one")

    /// How a target does not give a blob that it says to have.
    enum Fault: CaseIterable, Sendable {
        case unknown, unwell, otherSize, broken, shorter

        /// What is thrown when the blob is opened.
        var refusal: RegistryError? {
            switch self {
            case .unknown: RegistryError(.blobUnknown, "it is gone")
            case .unwell: RegistryError(.unavailable, "it answers 500")
            case .otherSize: RegistryError(.sizeInvalid, "it has fewer bytes")
            case .broken, .shorter: nil
            }
        }

        /// What comes of the bytes.
        func change(_ content: BlobContent) -> BlobContent {
            switch self {
            case .broken: content.streamed(nil, through: { BrokenStream($0) })
            case .shorter: content.streamed(0..<1000)
            default: content
            }
        }
    }

    /// Reads the image again at a target where the layer is as `fault` says, so often.
    private func copy(_ fault: Fault, times: Int) async throws -> (TransferReport, HookedRegistry) {
        let layer = try image.layers[0].name
        let left = Mutex(times)
        let target = HookedRegistry(
            store,
            before: { call, _ in
                guard call.name == "blob", call.subject == layer.description, let refusal = fault.refusal else {
                    return
                }
                let isFaulty = left.withLock { left in
                    defer { left -= 1 }
                    return left > 0
                }
                if isFaulty { throw refusal }
            },
            reading: { content, _ in
                guard content.byteCount == 70_000, fault.refusal == nil else { return content }
                let isFaulty = left.withLock { left in
                    defer { left -= 1 }
                    return left > 0
                }
                return isFaulty ? fault.change(content) : content
            }
        )
        return (try await verify(at: target), target)
    }

    private func verify(at target: HookedRegistry) async throws -> TransferReport {
        try await image.push(to: source, Samples.app, tags: "1.0")
        try await image.push(to: store, Samples.copy, tags: "1.0")
        var options = TransferOptions()
        (options.verifiesWhatIsThere, options.force) = (true, true)
        return try await Samples.transfer(from: source, to: target, options: options)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
    }

    @Test("sends anew what the target says to have and does not give", arguments: Fault.allCases)
    func anew(fault: Fault) async throws {
        let (report, target) = try await copy(fault, times: 1)
        #expect(report.copied.count == 1 && report.copied.byteCount == 70_000 && report.skipped.count == 1)
        #expect(target.openUploads.isEmpty)
        try await image.demandWhole(store, as: "1.0", in: Samples.copy)
    }

    @Test("says what is wrong where that has mended nothing", arguments: [Fault.unknown, .unwell, .otherSize, .broken])
    func unmended(fault: Fault) async throws {
        let error = try await #require(throws: TransferError.self) { _ = try await copy(fault, times: .max) }
        #expect(error.side == .writing)
        #expect(error.code == (fault.refusal?.code ?? .unavailable))
    }

    @Test(
        "ends where nobody may read, or is to come again later",
        arguments: [
            RegistryError.Code.denied, .unauthorized, .tooManyRequests,
        ]
    )
    func refused(code: RegistryError.Code) async throws {
        let target = HookedRegistry(
            store,
            before: { call, _ in if call.name == "blob" { throw RegistryError(code, "no") } }
        )
        let error = try await #require(throws: TransferError.self) { _ = try await verify(at: target) }
        #expect(error.code == code)
        #expect(!target.callNames.contains("startUpload"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `ends when it is cancelled, and sends nothing`() async throws {
        let reading = Latch()
        let target = HookedRegistry(
            store,
            before: { call, _ in
                guard call.name == "blob" else { return }
                reading.open()
                try? await Task.sleep(for: .seconds(600))
                // As a client's answer to a request that was given up may be.
                throw RegistryError(.unavailable, "the connection is gone")
            }
        )
        let copy = Task { try await verify(at: target) }
        await reading.wait()
        copy.cancel()
        await #expect(throws: CancellationError.self) { try await copy.value }
        #expect(!target.callNames.contains("startUpload"))
    }
}

/// A stream that breaks off as that of a registry does.
private struct BrokenStream: ByteStream {
    let base: any ByteStream

    init(_ base: any ByteStream) {
        self.base = base
    }

    var declaredByteCount: Int64? { base.declaredByteCount }
    var batchByteCount: Int { base.batchByteCount }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        throw RegistryError(.unavailable, "the connection was lost")
    }
}

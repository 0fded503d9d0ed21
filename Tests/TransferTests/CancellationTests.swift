import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Transfer

@Suite("A copy that is cancelled")
struct CancellationTests {
    private let origin = MemoryRegistry()
    private let image = Samples.Layered(
        (0..<4).map { SampleBlob(count: 100_000, seed: UInt64($0)) },
        name: "one"
    )

    /// Copies until the bytes of the first blobs are on their way, and cancels.
    private func cancelled(_ target: HookedRegistry, keepsUploads: Bool) async throws {
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let moving = Latch()
        let source = HookedRegistry(
            origin,
            reading: { content, range in
                content.streamed(range, pieceByteCount: 9000) {
                    moving.open()
                    try await Task.sleep(for: .seconds(600))
                }
            }
        )
        var options = TransferOptions()
        options.keepsUploads = keepsUploads
        let transfer = try Samples.transfer(from: source, to: target, options: options)
        let copy = Task { try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")]) }
        await moving.wait()
        copy.cancel()
        await #expect(throws: CancellationError.self) { try await copy.value }
    }

    @Test(.timeLimit(.minutes(1)))
    func `leaves no upload and no tag`() async throws {
        let target = HookedRegistry(MemoryRegistry())
        try await cancelled(target, keepsUploads: false)
        #expect(target.callNames.contains("startUpload"))
        #expect(target.openUploads.isEmpty)
        await #expect(throws: RegistryError.self) {
            try await target.manifest(Samples.reference("1.0"), in: Samples.copy)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `leaves its uploads when it was asked to`() async throws {
        let target = HookedRegistry(MemoryRegistry())
        try await cancelled(target, keepsUploads: true)
        #expect(!target.openUploads.isEmpty)
        #expect(!target.callNames.contains("cancelUpload"))
        // The next copy, in this program or another, goes on with them.
        let left = target.calls.filter { $0.name == "leaveUpload" }.map(\.subject)
        #expect(Set(left) == Set(target.openUploads.map(\.description)))
    }

    @Test(.timeLimit(.minutes(1)))
    func `ends while it waits for another copy, which goes on`() async throws {
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let (moving, release) = (Latch(), Latch())
        let source = HookedRegistry(
            origin,
            reading: { content, range in
                content.streamed(range, pieceByteCount: 9000) {
                    moving.open()
                    await release.wait()
                }
            }
        )
        let target = HookedRegistry(MemoryRegistry())
        let transfer = try Samples.transfer(from: source, to: target)
        let first = Task { try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")]) }
        await moving.wait()
        let second = Task { try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("2.0")]) }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        release.open()
        _ = try await first.value
        try await image.demandWhole(target, as: "1.0", in: Samples.copy)
    }

    @Test(.timeLimit(.minutes(1)))
    func `is taken over by the copy that waits for it`() async throws {
        try await image.push(to: origin, Samples.app, tags: "1.0")
        let moving = Latch()
        let mayMove = Flag()
        let source = HookedRegistry(
            origin,
            reading: { content, range in
                content.streamed(range, pieceByteCount: 9000) {
                    moving.open()
                    if !mayMove.isSet { try await Task.sleep(for: .seconds(600)) }
                }
            }
        )
        let target = HookedRegistry(MemoryRegistry())
        let transfer = try Samples.transfer(from: source, to: target)
        let first = Task { try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")]) }
        await moving.wait()
        let second = Task { try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("2.0")]) }
        mayMove.set()
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        _ = try await second.value
        try await image.demandWhole(target, as: "2.0", in: Samples.copy)
    }
}

/// Something that is set once.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isSet: Bool { state.withLock { $0 } }

    func set() { state.withLock { $0 = true } }
}

import BlobStorage
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import Hosting

/// A store that keeps a request waiting, and who comes for the same upload meanwhile.
@Suite(.timeLimit(.minutes(1))) struct HeldUploadTests {
    /// Another store, which keeps who brings bytes waiting for as long as a test wants.
    private final class HoldingBlobStore: ForwardingBlobStore {
        let base: any BlobStore
        let reached = Latch()
        let freed = Latch()

        init(_ base: any BlobStore) {
            self.base = base
        }

        func append(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState {
            reached.open()
            await freed.wait()
            return try await base.append(bytes, to: key, at: state)
        }
    }

    @Test func `who comes for an upload that the store holds is refused for now, and takes it over from nobody`()
        async throws
    {
        let app = try RepositoryName("team/app")
        let blob = SampleBlob(count: 3000, seed: 1)
        let memory = HoldingBlobStore(MemoryBlobStore())
        try await TestStores.with(blobs: { _ in memory }) { stores in
            let registry = stores.registry(RegistryHost.Options(turnDuration: .milliseconds(50)))
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            async let held = registry.append(blob.body(0..<2000), to: id, at: 0, in: app)
            await memory.reached.wait()
            for _ in 0..<3 {
                await #expect(throws: RegistryError(.unavailable, "")) { _ = try await registry.upload(id, in: app) }
                await #expect(throws: RegistryError(.unavailable, "")) {
                    _ = try await registry.append(blob.body(0..<1000), to: id, at: 0, in: app)
                }
                await #expect(throws: RegistryError(.unavailable, "")) { try await registry.cancelUpload(id, in: app) }
            }
            memory.freed.open()
            #expect(try await held.offset == 2000)
            #expect(try await registry.upload(id, in: app).offset == 2000)
            let rest = blob.body(2000..<3000)
            _ = try await registry.finishUpload(id, appending: rest, at: 2000, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        }
    }

    @Test func `whoever waits in time has his turn, and who goes away leaves it to the next`() async throws {
        let app = try RepositoryName("team/app")
        let blob = SampleBlob(count: 3000, seed: 2)
        let memory = HoldingBlobStore(MemoryBlobStore())
        try await TestStores.with(blobs: { _ in memory }) { stores in
            let host = stores.host(RegistryHost.Options(turnDuration: .seconds(40)))
            let registry = host.registry(for: .tester)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            async let held = registry.append(blob.body(0..<3000), to: id, at: 0, in: app)
            await memory.reached.wait()
            let gone = (0..<3).map { _ in Task { try await registry.upload(id, in: app).offset } }
            let patient = (0..<3).map { _ in Task { try await registry.upload(id, in: app).offset } }
            let waiting = { try await host.uploads.withSlot(id, in: app) { $0.waitingCount } }
            try await eventually("all of them wait") { try await waiting() == 6 }
            for task in gone { task.cancel() }
            for task in gone { await #expect(throws: CancellationError.self) { _ = try await task.value } }
            #expect(try await waiting() == 3)
            memory.freed.open()
            #expect(try await held.offset == 3000)
            for task in patient { #expect(try await task.value == 3000) }
        }
    }
}

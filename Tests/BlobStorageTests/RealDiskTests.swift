import BlobStorage
import BlobStorageFiles
import NIOPosix
import RegistryTesting
import Testing

/// The same refusals are tested with injected errors in `FailingCallsTests` and `DataFolderTests`.
@Suite(
    "File systems of the kernel's own making",
    .enabled(if: MountedFolder.isPossible, "this process may not mount a file system")
)
struct RealDiskTests {
    @Test("A disk that is full refuses, keeps what it has, and takes bytes again when there is room")
    func full() async throws {
        let disk = try MountedFolder(byteCount: 1 << 20)
        let store = try await FileBlobStore.open(folder: "\(disk.path)/blobs", threads: .singleton)
        let kept = SampleUpload(count: 300_000, seed: 80)
        let tooMuch = SampleUpload(count: 2_000_000, seed: 81)
        try await kept.finish(store)
        try await tooMuch.append(0..<200_000, to: store)
        let errors = [
            await #expect(throws: BlobStoreError.self) { try await tooMuch.append(200_000..<2_000_000, to: store) },
            await #expect(throws: BlobStoreError.self) {
                try await SampleUpload(count: 900_000, seed: 82).finish(store)
            },
        ]
        #expect(errors.map(\.?.code) == [.full, .full])
        try await kept.demandStored(in: store)
        for entry in try await wholeListing(store, limit: 10).entries where entry.digest == nil {
            try await store.discard(entry.key, ledger: nil)
        }
        let next = SampleUpload(count: 600_000, seed: 83)
        try await next.finish(store)
        try await next.demandStored(in: store)
    }

    @Test("The reserve is kept free on a real disk")
    func reserve() async throws {
        let disk = try MountedFolder(byteCount: 1 << 20)
        let files = try await FileBlobStore.open(folder: "\(disk.path)/blobs", threads: .singleton)
        let store = ReservingBlobStore(files, reserve: 500_000, interval: .zero)
        #expect(try await store.space().total == 1 << 20)
        let first = SampleUpload(count: 400_000, seed: 84)
        try await first.finish(store)
        let error = await #expect(throws: BlobStoreError.self) {
            try await SampleUpload(count: 400_000, seed: 85).finish(store)
        }
        #expect(error?.code == .full)
        #expect(try await store.space().free ?? 0 >= 500_000)
        try await first.demandStored(in: store)
    }

    @Test("A read-only disk is refused for serving, in clear words, and can be looked at")
    func readOnly() async throws {
        let disk = try MountedFolder(byteCount: 1 << 20)
        let content = SampleUpload(count: 1000, seed: 86)
        do {
            let folder = try DataFolder.open(disk.path, for: .serving)
            try await content.finish(FileBlobStore.open(folder: folder.blobs, threads: .singleton))
        }
        try disk.makeReadOnly()
        let refusal = #expect(throws: BlobStoreError.self) { try DataFolder.open(disk.path, for: .serving) }
        #expect(refusal?.code == .unusable)
        #expect(
            refusal?.message.hasPrefix("The data folder \(disk.path) cannot be written: Read-only file system") == true
        )
        let second = await #expect(throws: BlobStoreError.self) {
            try await FileBlobStore.open(folder: "\(disk.path)/blobs", threads: .singleton)
        }
        #expect(second?.code == .unusable)
        let folder = try DataFolder.open(disk.path, for: .inspecting)
        let store = try await FileBlobStore.open(folder: folder.blobs, threads: .singleton, readOnly: true)
        try await content.demandStored(in: store)
    }
}

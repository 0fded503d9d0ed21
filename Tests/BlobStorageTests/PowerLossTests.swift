import BlobStorage
import BlobStorageFiles
import Foundation
import Hashing
import NIOPosix
import OCI
import RegistryTesting
import Testing

@Suite("Power is lost during a push")
struct PowerLossTests {
    @Test(
        "After every call: what was finished is whole, what was flushed is there, and what was not can be pushed again"
    )
    func everyStep() async throws {
        let unbroken = try await Session()
        #expect(unbroken.finished.count == 3)
        #expect(unbroken.flushed.count == 2)
        for call in 1...unbroken.callCount {
            let session = try await Session(stoppingAt: call)
            try await session.check(chance: 0, seed: 0)
            try await session.check(chance: 1, seed: 0)
            for seed in 1...4 { try await session.check(chance: 0.5, seed: UInt64(call * 10 + seed)) }
        }
    }

    @Test("A folder that a killed process made, and did not make durable, is made durable before it is used")
    func folderOfAnother() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let disk = try PowerLossFileSystem(watching: folder.path)
        let store = try await FileBlobStore.open(folder: "\(folder.path)/blobs", threads: .singleton, calls: disk)
        let content = SampleUpload(count: 100, seed: 60)
        try disk.makeFolder("\(folder.path)/blobs/sha256/\(content.digest.encoded.prefix(2))")
        try await content.finish(store)
        let after = try TemporaryFolder(inMemory: true)
        try disk.losePower(into: after.path)
        let survivor = try await FileBlobStore.open(folder: "\(after.path)/blobs", threads: .singleton)
        try await content.demandStored(in: survivor)
    }

    @Test(
        "The simulation is sharp: on a disk that ignores fsync, what was acknowledged is lost",
        arguments: PowerLossFileSystem.Neglect.allCases
    )
    func sharp(neglect: PowerLossFileSystem.Neglect) async throws {
        let session = try await Session(neglecting: neglect)
        #expect(session.finished.count == 3)
        await #expect(throws: (any Error).self) { try await session.check(chance: 0, seed: 0) }
    }
}

/// Some pushes, one after the other, until the machine stops.
private struct Session {
    private let folder: TemporaryFolder
    private let disk: PowerLossFileSystem
    /// How many calls were made.
    private(set) var callCount = 0
    /// All uploads that were begun.
    private var begun: [SampleUpload] = []
    /// The keys of those that were not sent in one go.
    private var inSteps: Set<BlobKey> = []
    /// The uploads whose finish was acknowledged.
    private(set) var finished: [SampleUpload] = []
    /// The uploads of which a flush was acknowledged, and how much of them.
    private(set) var flushed: [(upload: SampleUpload, byteCount: Int)] = []

    init(stoppingAt call: Int = 0, neglecting neglect: PowerLossFileSystem.Neglect? = nil) async throws {
        folder = try TemporaryFolder(inMemory: true)
        disk = try PowerLossFileSystem(watching: folder.path, neglecting: neglect)
        let calls = FailingFileSystem(disk, failing: call, .fromThenOn)
        do {
            let blobs = "\(folder.path)/blobs"
            let store = try await FileBlobStore.open(folder: blobs, threads: .singleton, calls: calls)
            try await pushAtOnce(SampleUpload(count: 4096, seed: 61), store)
            try await pushInSteps(SampleUpload(count: 3000, seed: 62, .sha512), store)
            // The same bytes again: the folder is there already.
            try await pushAtOnce(SampleUpload(count: 4096, seed: 61), store)
            try await leaveUnfinished(SampleUpload(count: 2000, seed: 63), store)
        } catch {
            #expect(call > 0, "\(error)")
        }
        callCount = calls.calls.count
    }

    private mutating func pushAtOnce(_ upload: SampleUpload, _ store: FileBlobStore) async throws {
        begun.append(upload)
        try await upload.finish(store)
        finished.append(upload)
    }

    private mutating func pushInSteps(_ upload: SampleUpload, _ store: FileBlobStore) async throws {
        begun.append(upload)
        inSteps.insert(upload.key)
        try await upload.append(0..<1000, to: store)
        try await upload.flush(1000, in: store)
        flushed.append((upload, 1000))
        try await upload.append(1000..<2500, to: store)
        try await upload.finish(store, from: 2500)
        finished.append(upload)
    }

    private mutating func leaveUnfinished(_ upload: SampleUpload, _ store: FileBlobStore) async throws {
        begun.append(upload)
        inSteps.insert(upload.key)
        try await upload.append(0..<1500, to: store)
        try await upload.flush(1500, in: store)
        flushed.append((upload, 1500))
        try await upload.append(1500..<2000, to: store)
    }

    /// Loses power, starts again on what is left, and looks.
    func check(chance: Double, seed: UInt64) async throws {
        let after = try TemporaryFolder(inMemory: true)
        try disk.losePower(into: after.path, chance: chance, seed: seed)
        let situation: Comment = "after \(callCount) calls, chance \(chance), seed \(seed)"
        let store = try await FileBlobStore.open(folder: "\(after.path)/blobs", threads: .singleton)
        for upload in finished { try await upload.demandStored(in: store) }
        for (upload, byteCount) in flushed { try await checkFlushed(upload, byteCount, store, situation) }
        let listing = try await wholeListing(store, limit: 100)
        #expect(listing.strangers == [], situation)
        // A file that a push in one go was writing may have its name and not its bytes: no fact names it.
        for entry in listing.entries where inSteps.contains(entry.key) {
            guard let digest = entry.digest else { continue }
            let bytes = try await store.open(entry.key, digest: digest).allBytes()
            #expect(ContentHash.digest(of: bytes, digest.algorithm) == digest, situation)
        }
        for upload in begun {
            try await upload.finish(store)
            let again = try await FileBlobStore.open(folder: "\(after.path)/blobs", threads: .singleton)
            try await upload.demandStored(in: again)
        }
    }

    private func checkFlushed(
        _ upload: SampleUpload,
        _ byteCount: Int,
        _ store: FileBlobStore,
        _ situation: Comment
    ) async throws {
        do {
            let hash = try await upload.rehash(byteCount, in: store, upload.digest.algorithm)
            #expect(hash.digest() == upload.hash(upTo: byteCount).digest(), situation)
        } catch let error as BlobStoreError where error.code == .notFound {
            // It went on to become a blob.
            try await upload.demandStored(in: store)
        }
    }
}

import BlobStorage
import BlobStorageFiles
import Glibc
import NIOPosix
import RegistryTesting
import Testing

@Suite("A system call that fails during a push")
struct FailingCallsTests {
    @Test(
        "Each call in turn: nothing or the whole is stored, and pushing again works",
        arguments: [
            Fault(number: EIO, .once), Fault(number: EIO, .afterwards), Fault(number: ENOSPC, .once),
            Fault(number: EDQUOT, .once),
        ],
        [Push.inSteps, .atOnce]
    )
    func eachCall(fault: Fault, push: Push) async throws {
        let healthy = try await Attempt(failing: 0, fault, push)
        try await healthy.run()
        let callCount = healthy.calls.calls.count
        #expect(callCount - healthy.callsToOpen >= 8, "the push makes too few calls to prove anything")
        for call in healthy.callsToOpen + 1...callCount {
            let attempt = try await Attempt(failing: call, fault, push)
            try await attempt.checkFailure()
            try await attempt.checkRetry()
        }
    }

    @Test("A blob that is acknowledged stays, whatever fails when it is finished again")
    func finishedAgain() async throws {
        let healthy = try await Attempt(failing: 0)
        try await healthy.content.finish(healthy.store)
        let before = healthy.calls.calls.count
        try await healthy.content.finish(healthy.store)
        for call in before + 1...healthy.calls.calls.count {
            let attempt = try await Attempt(failing: call)
            try await attempt.content.finish(attempt.store)
            _ = try? await attempt.content.finish(attempt.store)
            try await attempt.content.demandStored(in: attempt.store)
        }
    }

    @Test("Each call in turn: an append that failed can be made again at the same offset")
    func appendAgain() async throws {
        let content = SampleUpload(count: 5000, seed: 50)
        let healthy = try await Attempt(failing: 0)
        try await content.append(0..<2000, to: healthy.store)
        let before = healthy.calls.calls.count
        try await content.append(2000..<4000, to: healthy.store)
        for call in before + 1...healthy.calls.calls.count {
            let attempt = try await Attempt(failing: call)
            try await content.append(0..<2000, to: attempt.store)
            await #expect(throws: SystemCallError.self) { try await content.append(2000..<4000, to: attempt.store) }
            try await content.append(2000..<4000, to: attempt.store)
            try await content.finish(attempt.store, from: 4000)
            try await content.demandStored(in: attempt.store)
        }
    }

    @Test("An upload that could not be synchronised is gone, because a second try would report success for lost bytes")
    func failedSynchronisation() async throws {
        let content = SampleUpload(count: 100, seed: 51)
        let healthy = try await Attempt(failing: 0)
        try await content.append(0..<60, to: healthy.store)
        try await content.finish(healthy.store, from: 60)
        let call = try #require(healthy.calls.calls.firstIndex { $0.hasPrefix("fdatasync") }) + 1
        let attempt = try await Attempt(failing: call)
        try await content.append(0..<60, to: attempt.store)
        await #expect(throws: SystemCallError.self) { try await content.finish(attempt.store, from: 60) }
        let error = await #expect(throws: BlobStoreError.self) { try await content.finish(attempt.store, from: 60) }
        #expect(error?.code == .notFound)
    }

    @Test("Opening fails whole at each call, with a sentence, and works the next time")
    func opening() async throws {
        let callCount = try await Attempt(failing: 0).callsToOpen
        for call in 1...callCount {
            let folder = try TemporaryFolder(inMemory: true)
            let calls = FailingFileSystem(failing: call, with: EROFS)
            let error = await #expect(throws: BlobStoreError.self) {
                try await FileBlobStore.open(folder: "\(folder.path)/blobs", threads: .singleton, calls: calls)
            }
            #expect(error?.code == .unusable)
            #expect(error?.message.contains("Read-only file system") == true)
            let store = try await FileBlobStore.open(folder: "\(folder.path)/blobs", threads: .singleton)
            let content = SampleUpload(count: 10, seed: 52)
            try await content.finish(store)
            try await content.demandStored(in: store)
        }
    }
}

/// How a call fails.
struct Fault: Sendable {
    var number: CInt
    var manner: FailingFileSystem.Manner

    init(number: CInt, _ manner: FailingFileSystem.Manner) {
        self.number = number
        self.manner = manner
    }
}

/// How content is sent.
enum Push {
    case inSteps, atOnce
}

/// A push of which one call fails.
private struct Attempt {
    let content = SampleUpload(count: 3000, seed: 53)
    let folder: TemporaryFolder
    let calls: FailingFileSystem
    let store: FileBlobStore
    let callsToOpen: Int
    let fault: Fault
    let push: Push

    init(failing call: Int, _ fault: Fault = Fault(number: EIO, .once), _ push: Push = .inSteps) async throws {
        self.fault = fault
        self.push = push
        folder = try TemporaryFolder(inMemory: true)
        calls = FailingFileSystem(failing: call, with: fault.number, fault.manner)
        store = try await FileBlobStore.open(folder: "\(folder.path)/blobs", threads: .singleton, calls: calls)
        callsToOpen = calls.calls.count
    }

    func run() async throws {
        guard push == .inSteps else {
            try await content.finish(store)
            return
        }
        try await content.append(0..<1000, to: store)
        try await content.flush(1000, in: store)
        // What a broken attempt leaves is longer than the blob, so that the file must be cut.
        let junk = SampleUpload(count: 9000, seed: 54)
        let state = UploadState(offset: 1000, hash: junk.hash(upTo: 0))
        _ = try await store.append([junk.buffer(0..<9000)], to: content.key, at: state)
        try await content.append(1000..<2000, to: store)
        try await content.finish(store, from: 2000)
    }

    func checkFailure() async throws {
        do {
            try await run()
            // A call that was to find nothing, and did.
            #expect(fault.manner == .afterwards, "A failed call went unnoticed")
        } catch let error as BlobStoreError {
            #expect(error.code == .full && fault.number != EIO, "\(error)")
        } catch let error as SystemCallError {
            #expect(error.number == fault.number)
        }
        for entry in try await wholeListing(store, limit: 10).entries where entry.digest != nil {
            #expect(entry.digest == content.digest)
            try await content.demandStored(in: store)
        }
    }

    func checkRetry() async throws {
        try await run()
        try await content.demandStored(in: store)
        let expected = BlobListing.Entry(key: content.key, digest: content.digest, byteCount: 3000)
        #expect(try await wholeListing(store, limit: 10).entries == [expected])
    }
}

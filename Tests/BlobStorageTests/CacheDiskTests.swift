import BlobStorage
import BlobStorageFiles
import Glibc
import RegistryTesting
import Testing

@Suite("A read cache whose disk fails")
struct CacheDiskTests {
    @Test(
        "Each call in turn fails: every read gets all bytes, and the cache works afterwards",
        arguments: [EIO, ENOSPC],
        [FailingFileSystem.Manner.once, .fromThenOn]
    )
    func eachCall(number: CInt, manner: FailingFileSystem.Manner) async throws {
        let healthy = FailingFileSystem()
        let callsToOpen = try await Self.reading(through: healthy)
        let count = healthy.calls.count
        #expect(count - callsToOpen >= 10, "the reads make too few calls to prove anything")
        for call in callsToOpen + 1...count {
            try await Self.reading(through: FailingFileSystem(failing: call, with: number, manner))
        }
    }

    /// Reads some blobs several times, one of them after its copy was evicted; returns how many calls opening took.
    @discardableResult
    private static func reading(through calls: FailingFileSystem) async throws -> Int {
        let folder = try TemporaryFolder(inMemory: true)
        let base = RemoteStore()
        var callsToOpen = 0
        let limits = CacheLimits(byteCountMax: 4 * 12_288)
        try await CacheHouse.run(in: folder.path, over: base, limits: limits, calls: calls) { house in
            callsToOpen = calls.calls.count
            for seed in [0, 1, 0, 2, 3, 4, 0] as [UInt64] {
                let sample = SampleUpload(count: 10_000, seed: 430 + seed)
                try await sample.finish(base.memory)
                for _ in 0..<2 { try await house.fetch(sample) }
            }
            #expect(house.cache.counts.byteCount <= 4 * 12_288)
        }
        try await CacheHouse.run(in: folder.path, over: base, limits: limits) { house in
            let sample = try await house.sample(10_000, seed: 440)
            try await house.fetch(sample)
            #expect(try await house.isFile(sample))
        }
        return callsToOpen
    }

    @Test(
        "Opening on a broken disk fails with a reason, and works the next time",
        arguments: [EROFS, EACCES]
    )
    func opening(number: CInt) async throws {
        let healthy = FailingFileSystem()
        let folder = try TemporaryFolder(inMemory: true)
        try await CacheHouse.run(in: folder.path, calls: healthy, isRunning: false) { _ in }
        for call in 1...healthy.calls.count {
            let folder = try TemporaryFolder(inMemory: true)
            let error = await #expect(throws: BlobStoreError.self) {
                let calls = FailingFileSystem(failing: call, with: number)
                try await CacheHouse.run(in: folder.path, calls: calls, isRunning: false) { _ in }
            }
            #expect(error?.code == .unusable)
            try await CacheHouse.run(in: folder.path) { _ in }
        }
    }

    @Test(
        "A full disk makes the cache smaller, fails no read, and what fits is cached again",
        .enabled(if: MountedFolder.isPossible, "this process may not mount a file system")
    )
    func full() async throws {
        let disk = try MountedFolder(byteCount: 2 << 20)
        try await CacheHouse.run(in: disk.path, limits: CacheLimits(byteCountMax: 16 << 20)) { house in
            for seed in 0..<24 { try await house.fetch(try await house.sample(200_000, seed: 450 + UInt64(seed))) }
            #expect(house.problems.codes.contains(.diskFull))
            #expect(Set(house.problems.codes) == [.diskFull])
            #expect(house.cache.counts.byteCount < 2 << 20)
            let last = try await house.sample(200_000, seed: 474)
            try await house.fetch(last)
            #expect(try await house.isFile(last))
            #expect(try house.names("fills").isEmpty)
        }
    }

    @Test(
        "The reserve of a disk is left alone",
        .enabled(if: MountedFolder.isPossible, "this process may not mount a file system")
    )
    func reserve() async throws {
        let disk = try MountedFolder(byteCount: 2 << 20)
        var limits = CacheLimits(byteCountMax: 16 << 20)
        limits.reserveByteCount = 1 << 20
        try await CacheHouse.run(in: disk.path, limits: limits) { house in
            for seed in 0..<12 { try await house.fetch(try await house.sample(200_000, seed: 480 + UInt64(seed))) }
            let free = try SystemCalls().space(at: disk.path).free
            #expect(free.map { $0 >= 1 << 20 } == true)
            #expect(house.cache.counts.blobCount >= 2)
        }
    }
}

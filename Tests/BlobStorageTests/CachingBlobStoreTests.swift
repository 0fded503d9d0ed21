import BlobStorage
import NIOCore
import NIOPosix
import OCI
import RegistryTesting
import Testing

@testable import BlobStorageFiles

@Suite("A read cache in front of a store that is far away")
struct CachingBlobStoreTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
    }

    @Test(arguments: BlobStoreContract.rules)
    func `every rule of a blob store holds`(rule: BlobStoreContract.Rule) async throws {
        try await CacheHouse.run(in: folder.path) { house in try await rule.check(house.cache) }
    }

    @Test(arguments: BlobStoreContract.rules)
    func `every rule holds over a store of its own in memory, which passes through`(
        rule: BlobStoreContract.Rule
    ) async throws {
        let limits = CacheLimits(byteCountMax: 1 << 20)
        let cache = try await CachingBlobStore.open(
            MemoryBlobStore(),
            folder: "\(folder.path)/cache",
            limits: limits,
            threads: .singleton
        )
        try await rule.check(cache)
        #expect(cache.counts == CacheCounts())
    }

    @Test func `what was read once is a file, and needs the store behind no more`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let samples = [
                try await house.sample(200_000, seed: 300), try await house.sample(1, seed: 301, .sha512),
            ]
            for sample in samples { try await house.fetch(sample) }
            house.base.isOpen.change { $0 = false }
            for sample in samples { #expect(try await house.isFile(sample)) }
            #expect(house.base.reads == [0..<200_000, 0..<1])
            let counts = house.cache.counts
            #expect(counts.hits == 2 && counts.misses == 2 && counts.fills == 2)
            #expect(counts.filledByteCount == 200_001)
            #expect(counts.servedByteCount == 400_002)
            #expect(counts.blobCount == 2 && counts.byteCount == 200_704 + 4096)
            #expect(house.problems.codes.isEmpty)
        }
    }

    @Test func `a thousand readers at once cost one request for the size and one for the bytes`() async throws {
        try await CacheHouse.run(in: folder.path, limits: CacheLimits(byteCountMax: 8 << 20)) { house in
            let sample = try await house.sample(1 << 20, seed: 302)
            house.base.isOpen.change { $0 = false }
            house.base.gate.change { $0 = 0 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<1000 {
                    group.addTask {
                        let digest = try await house.open(sample).part().digest()
                        #expect(digest == sample.digest)
                    }
                }
                let name = OpenBlobs.Name(key: sample.key, digest: sample.digest)
                try await eventually("all ask") { house.cache.openings.waitingCount(name) == 999 }
                house.base.isOpen.change { $0 = true }
                try await eventually("all follow") { house.cache.counts.follows == 999 }
                for end in [1, 300_000, Int64.max] { house.base.gate.change { $0 = end } }
                try await group.waitForAll()
            }
            #expect(house.base.opens == 1)
            #expect(house.base.reads == [0..<(1 << 20)])
            #expect(house.cache.counts.misses == 1000)
            try await house.settle()
            #expect(try await house.isFile(sample))
        }
    }

    @Test func `a download goes on when the reader that began it has left, and when nobody is left`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let sample = try await house.sample(200_000, seed: 303)
            house.base.gate.change { $0 = 70_000 }
            let blob = try await house.open(sample)
            let reader = Task { try await blob.part().digest() }
            try await eventually("it has begun") { house.base.reads.count == 1 }
            let other = try await house.open(sample).part()
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
            let first = try await other.next(upTo: 1000)
            #expect(first?.first.map { Array($0.readableBytesView) } == Array(sample.bytes[..<1000]))
            house.base.gate.change { $0 = .max }
            try await house.settle()
            #expect(try await house.isFile(sample))
            #expect(house.base.reads.count == 1)
        }
    }

    @Test func `a task that is cancelled while it waits for the size leaves the others theirs`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let sample = try await house.sample(1000, seed: 304)
            house.base.isOpen.change { $0 = false }
            let first = Task { try await house.open(sample) }
            try await eventually("it asks") { house.base.opens == 1 }
            let second = Task { try await house.open(sample).allBytes() }
            let name = OpenBlobs.Name(key: sample.key, digest: sample.digest)
            try await eventually("the second waits") { house.cache.openings.waitingCount(name) == 1 }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            house.base.isOpen.change { $0 = true }
            #expect(try await second.value == sample.bytes)
        }
    }

    @Test func `parts are read along with a download, and from afar where it is far behind`() async throws {
        var limits = CacheLimits(byteCountMax: 4 << 20)
        limits.aheadByteCountMax = 100_000
        try await CacheHouse.run(in: folder.path, limits: limits) { house in
            let sample = try await house.sample(500_000, seed: 305)
            // A part from the end begins no download.
            let blob = try await house.open(sample)
            let end = await (try await blob.part(499_990..<500_000)).drain()
            #expect(end.bytes == Array(sample.bytes[499_990...]))
            #expect(house.cache.counts.fills == 0)
            house.base.gate.change { $0 = 64 << 10 }
            let near = try await blob.part(10..<60_000)
            #expect(await near.drain().bytes == Array(sample.bytes[10..<60_000]))
            let far = try await blob.part(400_000..<400_010)
            #expect(house.cache.counts.bypasses == 2)
            house.base.gate.change { $0 = .max }
            #expect(await far.drain().bytes == Array(sample.bytes[400_000..<400_010]))
            try await house.settle()
            #expect(try await house.isFile(sample))
            #expect(house.base.reads == [499_990..<500_000, 0..<500_000, 400_000..<400_010])
        }
    }

    @Test func `what is too large, too far ahead or too much is read from afar`() async throws {
        var limits = CacheLimits(byteCountMax: 1 << 20)
        limits.aheadByteCountMax = 50_000
        limits.fillCountMax = 1
        try await CacheHouse.run(in: folder.path, limits: limits) { house in
            let large = try await house.sample((1 << 18) + 1, seed: 306)
            try await large.demandStored(in: house.cache)
            #expect(house.cache.counts.fills == 0)
            let sample = try await house.sample(200_000, seed: 307)
            house.base.gate.change { $0 = 1000 }
            _ = try await house.open(sample).part(0..<10)
            let ahead = try await house.open(sample).part(150_000..<150_010)
            let other = try await house.sample(10, seed: 308)
            try await other.demandStored(in: house.cache)
            #expect(house.cache.counts.bypasses == 3)
            house.base.gate.change { $0 = .max }
            #expect(await ahead.drain().bytes == Array(sample.bytes[150_000..<150_010]))
        }
    }

    @Test func `a blob that is removed goes from the cache, too, whatever is on its way`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let kept = try await house.sample(50_000, seed: 310)
            try await house.fetch(kept)
            let blob = try await house.open(kept)
            try await house.cache.remove(kept.key, digest: kept.digest)
            #expect(try await blob.allBytes() == kept.bytes)
            #expect(try house.names("cached").isEmpty)
            #expect(house.cache.counts.byteCount == 0)

            let moving = try await house.sample(200_000, seed: 311)
            house.base.gate.change { $0 = 70_000 }
            let early = try await house.open(moving)
            let late = try await house.open(moving)
            let part = try await early.part()
            try await house.cache.remove(moving.key, digest: moving.digest)
            await #expect(throws: BlobStoreError.self) { try await house.open(moving) }
            house.base.gate.change { $0 = .max }
            #expect(try await part.digest() == moving.digest)
            #expect(try await late.part().digest() == moving.digest)
            try await house.settle()
            #expect(try house.hasNoFiles())
            #expect(house.cache.counts.byteCount == 0)
            await #expect(throws: BlobStoreError.self) { try await house.open(moving) }
        }
    }

    @Test func `before it runs and after, everything passes through, and who followed goes on`() async throws {
        try await CacheHouse.run(in: folder.path, isRunning: false) { house in
            let sample = try await house.sample(200_000, seed: 312)
            try await sample.demandStored(in: house.cache)
            #expect(house.cache.counts == CacheCounts())
            var part: (any RemoteBytes)?
            try await house.running {
                house.base.gate.change { $0 = 70_000 }
                part = try await house.open(sample).part()
                await house.cache.run()
            }
            house.base.gate.change { $0 = .max }
            #expect(await part?.drain().bytes == sample.bytes)
            #expect(house.cache.counts.byteCount == 0)
            try await sample.demandStored(in: house.cache)
            #expect(try house.names("fills").isEmpty)
            try await house.running { try await house.fetch(sample) }
            #expect(house.cache.counts.blobCount == 1)
        }
    }

    @Test func `two processes do not share a folder`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let error = await #expect(throws: BlobStoreError.self) {
                _ = try await CacheHouse.open(in: folder.path, over: house.base)
            }
            #expect(error?.code == .unusable)
            #expect(error?.message.contains("\(house.path) is in use by another process") == true)
        }
        try await CacheHouse.run(in: folder.path) { _ in }
    }
}

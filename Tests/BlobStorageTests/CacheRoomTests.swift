import BlobStorage
import Foundation
import RegistryTesting
import Synchronization
import Testing

@testable import BlobStorageFiles

@Suite("A read cache keeps to its room")
struct CacheRoomTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
    }

    @Test func `what was not used for the longest time makes room, and who reads it goes on`() async throws {
        // Room for four blobs, each of which may be a quarter.
        try await CacheHouse.run(in: folder.path, limits: CacheLimits(byteCountMax: 4 * 53_248)) { house in
            var samples: [SampleUpload] = []
            for seed in 0..<4 { samples.append(try await house.sample(50_000, seed: 400 + UInt64(seed))) }
            for sample in samples { try await house.fetch(sample) }
            #expect(try await house.isFile(samples[0]))
            let read = try await house.open(samples[1])
            #expect(try await house.isFile(samples[0]))
            for index in [2, 3, 0] { #expect(try await house.isFile(samples[index])) }
            let next = try await house.sample(50_000, seed: 404)
            try await house.fetch(next)
            #expect(house.cache.counts.evictions == 1)
            #expect(house.cache.counts.byteCount == 4 * 53_248)
            #expect(try await read.allBytes() == samples[1].bytes)
            #expect(try await house.isFile(samples[1]) == false)
            for sample in [samples[2], samples[3], samples[0], next] { #expect(try await house.isFile(sample)) }
            #expect(try house.names("cached").count == 4)
        }
    }

    @Test func `downloads count, and what finds no room beside them is read from afar`() async throws {
        try await CacheHouse.run(in: folder.path, limits: CacheLimits(byteCountMax: 4 * 53_248)) { house in
            house.base.gate.change { $0 = 1000 }
            var parts: [any RemoteBytes] = []
            for seed in 0..<4 {
                let sample = try await house.sample(50_000, seed: 410 + UInt64(seed))
                parts.append(try await house.open(sample).part())
            }
            #expect(house.cache.counts.byteCount == 4 * 53_248)
            let small = try await house.sample(10, seed: 414)
            try await small.demandStored(in: house.cache)
            #expect(house.cache.counts.bypasses == 1 && house.cache.counts.evictions == 0)
            house.base.gate.change { $0 = .max }
            try await house.settle()
            #expect(house.cache.counts.blobCount == 4)
        }
    }

    @Test func `no more blobs are kept than may be, however small`() async throws {
        var limits = CacheLimits(byteCountMax: 1 << 20)
        limits.blobCountMax = 3
        try await CacheHouse.run(in: folder.path, limits: limits) { house in
            for seed in 0..<6 { try await house.fetch(try await house.sample(10, seed: 420 + UInt64(seed))) }
            #expect(house.cache.counts.blobCount == 3)
            #expect(try house.names("cached").count == 3)
        }
    }

    @Test func `under any load the files never take more than the room, and all bytes are right`() async throws {
        let rounds = TestSeed.count(3, soaking: 200, of: "rounds of random reads from a small cache")
        for round in 0..<rounds {
            let seed = TestSeed.round(round)
            let (room, calls) = (Int64(300_000), MeteredFileSystem())
            let folder = try TemporaryFolder(inMemory: true)
            let base = RemoteStore()
            for _ in 0..<2 {
                try await CacheHouse.run(
                    in: folder.path,
                    over: base,
                    limits: CacheLimits(byteCountMax: room),
                    calls: calls
                ) { house in
                    try await Self.load(house, seed, isHonest: round % 2 == 0)
                    try await house.settle()
                    let counts = house.cache.counts
                    #expect(calls.taken == counts.byteCount, "TEST_SEED=\(seed)")
                    #expect(counts.evictions > 0 && counts.hits > 0 && counts.bypasses > 0, "TEST_SEED=\(seed)")
                    #expect(try house.names("fills").isEmpty, "TEST_SEED=\(seed)")
                }
            }
            #expect(calls.takenMost <= room && calls.takenMost > room / 2, "TEST_SEED=\(seed)")
        }
    }

    /// Eight readers of thirty blobs, some of which are removed, while the base breaks off, or lies, now and then.
    private static func load(_ house: CacheHouse, _ seed: UInt64, isHonest: Bool) async throws {
        var generator = SeededGenerator(seed: seed)
        var made: [SampleUpload] = []
        for index in 0..<30 {
            let count = Int.random(in: 1...90_000, using: &generator)
            made.append(try await house.sample(count, seed: seed &+ UInt64(index)))
        }
        let samples = made
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<8 {
                group.addTask {
                    var generator = SeededGenerator(seed: seed &+ 1000 &+ UInt64(reader))
                    for _ in 0..<60 {
                        let sample = samples[Int.random(in: 0..<30, using: &generator)]
                        try await step(house, sample, &generator, seed, isHonest: isHonest)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func step(
        _ house: CacheHouse,
        _ sample: SampleUpload,
        _ generator: inout SeededGenerator,
        _ seed: UInt64,
        isHonest: Bool
    ) async throws {
        switch Int.random(in: 0..<30, using: &generator) {
        case 0:
            try await house.cache.remove(sample.key, digest: sample.digest)
            try await sample.finish(house.base.memory)
        case 1: house.base.fail(.cut(Int64.random(in: 0..<Int64(sample.bytes.count), using: &generator)))
        case 2 where !isHonest:
            house.base.fail(.wrong(Int64.random(in: 0..<Int64(sample.bytes.count), using: &generator)))
        default:
            guard let blob = try? await house.open(sample) else { return }
            let end = Int64.random(in: 1...blob.byteCount, using: &generator)
            guard case .remote(let remote) = blob.content else {
                #expect(try await blob.allBytes() == sample.bytes, "TEST_SEED=\(seed)")
                return
            }
            guard let part = try? await remote.read(0..<end) else { return }
            let drained = await part.drain()
            #expect(drained.failure != nil || drained.bytes.count == end, "TEST_SEED=\(seed)")
            // What goes past the cache is as the base has it, wrong where that is wrong.
            let isRight = drained.bytes[...] == sample.bytes[..<drained.bytes.count]
            #expect(isRight || !isHonest, "TEST_SEED=\(seed)")
        }
    }
}

/// Counts what all files take, at each moment, in whole blocks.
final class MeteredFileSystem: FileSystemCalls {
    private struct Meter {
        var sizes: [String: Int64] = [:]
        var most: Int64 = 0
    }

    private let base = SystemCalls()
    private let meter = Mutex(Meter())

    /// What all files take now.
    var taken: Int { meter.withLock { Int(Self.sum($0)) } }
    /// The most that they ever took.
    var takenMost: Int64 { meter.withLock { $0.most } }

    private static func sum(_ meter: Meter) -> Int64 {
        meter.sizes.values.reduce(0) { $0 + CacheIndex.room($1) }
    }

    func write(
        _ pieces: [UnsafeRawBufferPointer],
        to file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        let count = try base.write(pieces, to: file, at: offset)
        meter.withLock { meter in
            meter.sizes[file.path] = max(meter.sizes[file.path] ?? 0, offset + Int64(count))
            meter.most = max(meter.most, Self.sum(meter))
        }
        return count
    }

    func rename(_ path: String, to destination: String) throws(SystemCallError) {
        try base.rename(path, to: destination)
        meter.withLock { $0.sizes[destination] = $0.sizes.removeValue(forKey: path) }
    }

    func unlink(_ path: String) throws(SystemCallError) {
        // Before it is done: what is removed may be made anew at once.
        let size = meter.withLock { $0.sizes.removeValue(forKey: path) }
        do {
            try base.unlink(path)
        } catch {
            if !error.isMissing { meter.withLock { $0.sizes[path] = size } }
            throw error
        }
    }

    func open(_ path: String, for access: FileAccess) throws(SystemCallError) -> OpenedFile {
        try base.open(path, for: access)
    }
    func close(_ file: OpenedFile) { base.close(file) }
    func status(of file: OpenedFile) throws(SystemCallError) -> FileStatus { try base.status(of: file) }
    func status(at path: String) throws(SystemCallError) -> FileStatus { try base.status(at: path) }
    func read(
        into bytes: UnsafeMutableRawBufferPointer,
        from file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        try base.read(into: bytes, from: file, at: offset)
    }
    func truncate(_ file: OpenedFile, to byteCount: Int64) throws(SystemCallError) {
        try base.truncate(file, to: byteCount)
    }
    func synchronize(_ file: OpenedFile) throws(SystemCallError) { try base.synchronize(file) }
    func synchronizeFolder(_ path: String) throws(SystemCallError) { try base.synchronizeFolder(path) }
    func makeFolder(_ path: String) throws(SystemCallError) { try base.makeFolder(path) }
    func names(in folder: String) throws(SystemCallError) -> [String] { try base.names(in: folder) }
    func checkWritable(_ path: String) throws(SystemCallError) { try base.checkWritable(path) }
    func lock(_ file: OpenedFile) throws(SystemCallError) -> Bool { try base.lock(file) }
    func unlock(_ file: OpenedFile) { base.unlock(file) }
    func space(at path: String) throws(SystemCallError) -> StorageSpace { try base.space(at: path) }
}

import BlobStorage
import Foundation
import RegistryTesting
import Testing

@testable import BlobStorageFiles

@Suite("A read cache believes nothing")
struct CacheVerificationTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
    }

    @Test func `where the base breaks off, readers go on from it by themselves`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let sample = try await house.sample(200_000, seed: 320)
            house.base.fail(.cut(100_000))
            house.base.gate.change { $0 = 1 }
            let parts = [try await house.open(sample).part(), try await house.open(sample).part()]
            house.base.gate.change { $0 = .max }
            for part in parts { #expect(try await part.digest() == sample.digest) }
            try await house.settle()
            #expect(house.base.reads.count == 3)
            #expect(try house.hasNoFiles())
            #expect(house.problems.codes == [.interrupted])
            #expect(house.cache.counts.byteCount == 0)
            try await house.fetch(sample)
            #expect(try await house.isFile(sample))
        }
    }

    @Test func `where the base is gone for good, readers get its error, and none hangs`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let sample = try await house.sample(200_000, seed: 321)
            house.base.fail(.cut(100_000), then: .refused)
            let drained = await (try await house.open(sample).part()).drain()
            #expect(drained.bytes.count < 200_000 && drained.failure is RemoteStore.Broken)
            await #expect(throws: RemoteStore.Broken.self) { try await house.open(sample).part() }
        }
    }

    @Test func `where the base says nothing for too long, readers go on by themselves`() async throws {
        var limits = CacheLimits(byteCountMax: 1 << 20)
        limits.stallDuration = .milliseconds(50)
        try await CacheHouse.run(in: folder.path, limits: limits) { house in
            let sample = try await house.sample(200_000, seed: 322)
            for silence in [0, 100_000] as [Int64] {
                house.base.fail(.silent(silence))
                try await sample.demandStored(in: house.cache)
                try await house.settle()
                #expect(try house.hasNoFiles())
            }
            #expect(house.problems.codes == [.interrupted, .interrupted])
        }
    }

    @Test(arguments: [RemoteStore.Fault.wrong(0), .wrong(199_999), .long(1), .long(300_000)])
    func `wrong bytes of the base are never a whole answer, and are not kept`(fault: RemoteStore.Fault) async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let sample = try await house.sample(200_000, seed: 323)
            house.base.fail(fault)
            house.base.gate.change { $0 = 10 }
            let parts = [try await house.open(sample).part(), try await house.open(sample).part(5..<200_000)]
            house.base.gate.change { $0 = .max }
            for part in parts {
                let drained = await part.drain()
                #expect(drained.bytes.count < 199_995)
                #expect((drained.failure as? BlobStoreError)?.code == .damaged)
            }
            try await house.settle()
            #expect(house.problems.codes == [.wrongBytes])
            #expect(house.cache.counts.verificationFailures == 1)
            #expect(try house.hasNoFiles())
            try await house.fetch(sample)
            #expect(try await house.isFile(sample))
        }
    }

    @Test func `a small blob with wrong bytes gives nothing at all`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let sample = try await house.sample(100, seed: 324)
            house.base.fail(.wrong(50))
            let error = await #expect(throws: BlobStoreError.self) { try await house.open(sample).part() }
            #expect(error?.code == .damaged)
        }
    }

    @Test func `fewer bytes than the base has said are no blob`() async throws {
        try await CacheHouse.run(in: folder.path) { house in
            let sample = try await house.sample(200_000, seed: 325)
            house.base.fail(.short(150_000), then: .short(180_000))
            let drained = await (try await house.open(sample).part()).drain()
            #expect(drained.bytes == Array(sample.bytes[..<180_000]))
            #expect((drained.failure as? BlobStoreError)?.code == .truncated)
            try await house.settle()
            #expect(try house.names("cached").isEmpty)
        }
    }

    // MARK: - Files of an earlier run

    @Test func `after a restart, files are hashed when they are asked for, and then given as before`() async throws {
        let base = RemoteStore()
        var sample = SampleUpload([])
        try await CacheHouse.run(in: folder.path, over: base) { house in
            sample = try await house.sample(200_000, seed: 326)
            try await house.fetch(sample)
        }
        try Data([1, 2, 3]).write(to: URL(filePath: "\(folder.path)/cache/fills/\(BlobKey.random())"))
        try await CacheHouse.run(in: folder.path, over: base) { house in
            #expect(try house.names("fills").isEmpty)
            #expect(house.cache.counts.byteCount == 200_704)
            #expect(try await house.isFile(sample) == false)
            try await house.fetch(sample)
            #expect(house.base.reads == [0..<200_000])
            #expect(house.cache.counts.checks == 1)
            #expect(try await house.isFile(sample))
        }
    }

    @Test(arguments: [Damage.flipped(0), .flipped(40_000), .cut, .lengthened, .emptied, .removed])
    func `after a restart, a small file that was damaged is downloaded anew`(damage: Damage) async throws {
        let base = RemoteStore()
        var sample = SampleUpload([])
        try await CacheHouse.run(in: folder.path, over: base) { house in
            sample = try await house.sample(50_000, seed: 327)
            try await house.fetch(sample)
            try damage.apply(to: house.file(sample))
        }
        try await CacheHouse.run(in: folder.path, over: base) { house in
            try await house.fetch(sample)
            #expect(house.base.reads.count == 2)
            if case .removed = damage {} else { #expect(house.problems.codes == [.damagedFile]) }
            #expect(try await house.isFile(sample))
            #expect(house.cache.counts.byteCount == 53_248)
        }
    }

    @Test func `who has read from a damaged file gets an error, and the next one the right bytes`() async throws {
        let base = RemoteStore()
        let limits = CacheLimits(byteCountMax: 64 << 20)
        var sample = SampleUpload([])
        try await CacheHouse.run(in: folder.path, over: base, limits: limits) { house in
            sample = try await house.sample(5_000_000, seed: 328)
            try await house.fetch(sample)
            try Damage.flipped(4_900_000).apply(to: house.file(sample))
        }
        try await CacheHouse.run(in: folder.path, over: base, limits: limits) { house in
            let drained = await (try await house.open(sample).part()).drain()
            // Whether it had begun to read before the damage was found is a matter of speed.
            #expect(drained.failure == nil ? drained.bytes == sample.bytes : drained.bytes.count < 5_000_000)
            try await house.settle()
            try await house.fetch(sample)
            #expect(try await house.isFile(sample))
            #expect(house.cache.counts.verificationFailures == 1)
        }
    }

    @Test(arguments: [Damage.cut, .lengthened, .removed])
    func `a file that changes while the cache runs is noticed when it is opened`(damage: Damage) async throws {
        try await CacheHouse.run(in: folder.path) { house in
            for seed in [329, 330] as [UInt64] {
                let sample = try await house.sample(50_000, seed: seed)
                try await house.fetch(sample)
                // One that is open, and one that is not.
                if seed == 330 { #expect(try await house.isFile(sample)) }
                try damage.apply(to: house.file(sample))
                try await house.fetch(sample)
                #expect(try await house.isFile(sample))
                #expect(house.problems.codes.last == .damagedFile)
            }
        }
    }

    @Test func `a smaller cache than before keeps what fits`() async throws {
        let base = RemoteStore()
        try await CacheHouse.run(in: folder.path, over: base) { house in
            for seed in 0..<10 { try await house.fetch(try await house.sample(50_000, seed: 340 + UInt64(seed))) }
        }
        try Data([1]).write(to: URL(filePath: "\(folder.path)/cache/cached/README"))
        try await CacheHouse.run(in: folder.path, over: base, limits: CacheLimits(byteCountMax: 200_000)) { house in
            #expect(house.cache.counts.blobCount == 3)
            #expect(house.cache.counts.byteCount == 3 * 53_248)
            let names = try SystemCalls().names(in: "\(house.path)/cached")
            #expect(names.contains("README"))
        }
    }
}

/// What somebody does to a file.
enum Damage: Sendable, CustomStringConvertible {
    case flipped(Int)
    case cut
    case lengthened
    case emptied
    case removed

    var description: String {
        switch self {
        case .flipped(let offset): "the byte at \(offset) is another one"
        case .cut: "its last byte is gone"
        case .lengthened: "it has a byte more"
        case .emptied: "it has no bytes"
        case .removed: "it is gone"
        }
    }

    func apply(to path: String) throws {
        let url = URL(filePath: path)
        // In place: whoever has the file open sees it.
        let file = try FileHandle(forUpdating: url)
        let size = try file.seekToEnd()
        switch self {
        case .flipped(let offset):
            try file.seek(toOffset: UInt64(offset))
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: UInt64(offset))
            try file.write(contentsOf: [byte ^ 1])
        case .cut: try file.truncate(atOffset: size - 1)
        case .lengthened: try file.write(contentsOf: [0])
        case .emptied: try file.truncate(atOffset: 0)
        case .removed: try FileManager.default.removeItem(at: url)
        }
        try file.close()
    }
}

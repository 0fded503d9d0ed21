import BlobStorage
import NIOCore
import RegistryTesting
import Testing

@testable import BlobStorageFiles

@Suite("What a read cache decides")
struct CacheIndexTests {
    @Test func `the oldest use goes first, as in a list that is searched`() {
        var generator = SeededGenerator(seed: TestSeed.run)
        var queue = RecencyQueue<Int>()
        var (model, removed, expected): ([Int], [Int?], [Int?]) = ([], [], [])
        for _ in 0..<5000 {
            let element = Int.random(in: 0..<100, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                queue.remove(element)
                model.removeAll { $0 == element }
            case 1:
                removed.append(queue.removeOldest())
                expected.append(model.first)
                model = Array(model.dropFirst())
            default:
                queue.use(element)
                model.removeAll { $0 == element }
                model.append(element)
            }
        }
        #expect(queue.count == model.count, "TEST_SEED=\(TestSeed.run)")
        while let oldest = queue.removeOldest() { removed.append(oldest) }
        #expect(removed == expected + model, "TEST_SEED=\(TestSeed.run)")
    }

    @Test func `a file is hashed again when that was done a day ago`() throws {
        let index = Decider(byteCountMax: 1 << 20)
        let (name, read) = Self.read(1000)
        let fill = try #require(index.begun(read, at: .seconds(5)))
        #expect(index.settle(fill, as: .verified(at: .seconds(10))))
        #expect(index.finds(name, at: .seconds(86_409)) == .file)
        #expect(index.finds(name, at: .seconds(86_410)) == .nothing)
        let check = try #require(index.begun(read, at: .seconds(86_411)))
        #expect(check.source == .file)
        #expect(index.finds(name, at: .seconds(86_411)) == .fill)
        #expect(index.settle(check, as: .verified(at: .seconds(86_412))))
        #expect(index.finds(name, at: .seconds(86_413)) == .file)
    }

    @Test func `after a full disk the room is smaller, and grows again to what it was`() throws {
        let index = Decider(byteCountMax: 8 << 20)
        for _ in 0..<4 {
            let fill = try #require(index.begun(Self.read(1 << 20).read, at: .zero))
            #expect(index.settle(fill, as: .verified(at: .zero)))
        }
        let gone = index.shrink(at: .seconds(100))
        #expect(gone.count == 1 && index.taken == 3 << 20)
        index.left(gone, kept: [])
        let limits = [100, 699, 700, 1300, 3100, 1_000_000].map { index.limit(at: .seconds($0)) }
        let mebibyte = Int64(1 << 20)
        #expect(
            limits == [7 * mebibyte / 2, 7 * mebibyte / 2, 9 * mebibyte / 2, 11 * mebibyte / 2]
                + [8 * mebibyte, 8 * mebibyte]
        )
    }

    @Test func `after a failed disk nothing is begun for a while`() {
        let index = Decider(byteCountMax: 8 << 20)
        index.pause(at: .seconds(100))
        #expect(index.begun(Self.read(10).read, at: .seconds(129)) == nil)
        #expect(index.begun(Self.read(10).read, at: .seconds(130)) != nil)
    }

    @Test func `a file that could not be removed is counted again, and goes later`() throws {
        let index = Decider(byteCountMax: 4 << 20)
        var names: [CacheIndex.Name] = []
        for _ in 0..<4 {
            let (name, read) = Self.read(1 << 20)
            let fill = try #require(index.begun(read, at: .zero))
            #expect(index.settle(fill, as: .verified(at: .zero)))
            names.append(name)
        }
        let fill = try #require(index.begun(Self.read(1 << 20).read, at: .zero))
        #expect(fill.evicted == [names[0]])
        // While its file is there, nobody may make another one of its name.
        #expect(index.begun(Self.read(1 << 20, names[0]).read, at: .zero) == nil)
        index.left(fill.evicted, kept: [names[0]])
        index.giveUp(fill)
        #expect(index.taken == 4 << 20 && index.blobCount == 4)
        #expect(index.finds(names[0], at: .zero) == .nothing)
        let next = try #require(index.begun(Self.read(1 << 20).read, at: .zero))
        #expect(next.evicted == [names[1]])
    }

    @Test func `a follower never gets the end before the whole is verified`() {
        var progress = FillProgress(byteCount: 100)
        #expect(progress.standing(at: 0) == nil)
        progress.begin(OpenFile(owning: -1))
        #expect(progress.standing(at: 0) == nil)
        progress.advance(to: 60)
        progress.advance(to: 100)
        #expect(progress.reached == 60)
        #expect(progress.standing(at: 59) != nil)
        #expect(progress.standing(at: 60) == nil)
        progress.verify()
        #expect(progress.standing(at: 99) != nil)
        progress.fail(FillFailure(.stopped, ""))
        #expect(progress.reached == 100)
        guard case .readable = progress.standing(at: 0) else {
            Issue.record("what is verified cannot fail any more")
            return
        }
    }

    private static func read(
        _ byteCount: Int64,
        _ name: CacheIndex.Name? = nil
    ) -> (name: CacheIndex.Name, read: CacheIndex.Read) {
        let name = name ?? CacheIndex.Name(key: .random(), digest: SampleUpload([]).digest)
        let read = CacheIndex.Read(name: name, byteCount: byteCount, start: 0, origin: NoBlob(), removals: 0)
        return (name, read)
    }
}

/// An index that is run, and stands behind a reference.
private final class Decider {
    enum Sight {
        case file, fill, nothing, idle
    }

    private var index: CacheIndex

    init(byteCountMax: Int64) {
        index = CacheIndex(CacheLimits(byteCountMax: byteCountMax))
        _ = index.begin()
    }

    var taken: Int64 { index.taken }
    var blobCount: Int { index.snapshot.blobCount }

    func finds(_ name: CacheIndex.Name, at now: Duration) -> Sight {
        switch index.find(name, at: now) {
        case .file: .file
        case .fill: .fill
        case .nothing: .nothing
        case .idle: .idle
        }
    }

    /// The fill that a read begins.
    func begun(_ read: CacheIndex.Read, at now: Duration) -> CacheFill? {
        guard case .follow(let fill) = index.join(read, at: now) else { return nil }
        return fill
    }

    func settle(_ fill: CacheFill, as standing: CacheIndex.Entry.Standing) -> Bool { index.settle(fill, as: standing) }
    func shrink(at now: Duration) -> [CacheIndex.Name] { index.shrink(at: now) }
    func pause(at now: Duration) { index.pause(at: now) }
    func limit(at now: Duration) -> Int64 { index.limit(at: now) }
    func left(_ names: [CacheIndex.Name], kept: Set<CacheIndex.Name>) { index.left(names, kept: kept) }

    func giveUp(_ fill: CacheFill) {
        index.disown(fill)
        index.release(fill, leaving: .nothing)
    }
}

private struct NoBlob: RemoteBlob {
    func read(_ range: Range<Int64>) async throws -> any RemoteBytes { throw BlobStoreError(.notFound, "nothing") }
}

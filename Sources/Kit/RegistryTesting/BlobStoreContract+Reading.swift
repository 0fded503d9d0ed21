import BlobStorage
import Hashing
import NIOCore
import OCI

extension BlobStoreContract {
    static let reading: [Rule] = [
        Rule("An upload in progress cannot be opened") { store in
            let content = SampleUpload(count: 10, seed: 40)
            try await content.append(0..<10, to: store)
            try await content.flush(10, in: store)
            try await demandRefusal(.notFound, "opening an upload") {
                _ = try await store.open(content.key, digest: content.digest)
            }
        },
        Rule("A blob is found only by its key and its digest together") { store in
            let content = SampleUpload(count: 10, seed: 41)
            let other = SampleUpload(count: 10, seed: 42)
            try await content.finish(store)
            try await demandRefusal(.notFound, "opening by another key") {
                _ = try await store.open(other.key, digest: content.digest)
            }
            try await demandRefusal(.notFound, "opening by another digest") {
                _ = try await store.open(content.key, digest: other.digest)
            }
        },
        Rule("What was removed is gone, and removing it again is no error") { store in
            let content = SampleUpload(count: 10, seed: 43)
            try await content.finish(store)
            try await store.remove(content.key, digest: content.digest)
            try await store.remove(content.key, digest: content.digest)
            try await demandRefusal(.notFound, "opening what was removed") {
                _ = try await store.open(content.key, digest: content.digest)
            }
            try await demandRefusal(.notFound, "the size of what was removed") {
                _ = try await store.byteCount(of: content.key, digest: content.digest)
            }
            try demandEqual(try await allEntries(store, page: 10), [], "the listing")
        },
        Rule("Many blobs are removed together, each by its key and its digest") { store in
            let gone = (46..<51).map { SampleUpload(count: $0, seed: UInt64($0), $0 == 48 ? .sha512 : .sha256) }
            let (kept, large) = (SampleUpload(count: 10, seed: 51), SampleUpload(count: 6_000_000, seed: 52))
            for content in gone + [kept] { try await content.finish(store) }
            try await large.append(0..<5_500_000, to: store)
            try await large.finish(store, from: 5_500_000)
            var asked = (gone + [large]).map(FinishedBlob.init)
            // One twice, one that never was, one that is another blob's, and one whose size is known wrongly.
            asked += [asked[0], FinishedBlob(SampleUpload(count: 7, seed: 53))]
            asked.append(FinishedBlob(key: kept.key, digest: gone[1].digest, byteCount: 10))
            asked[2].byteCount += 1
            for _ in 0..<2 { try demandEqual(try await store.remove(asked).count, 0, "the failures") }
            let entry = BlobListing.Entry(key: kept.key, digest: kept.digest, byteCount: 10)
            try demandEqual(try await allEntries(store, page: 10), [entry], "the listing")
            try await kept.demandStored(in: store)
            try await demandRefusal(.notFound, "opening what was removed") {
                _ = try await store.open(large.key, digest: large.digest)
            }
            try demandEqual(try await store.remove([]).count, 0, "the failures of nothing")
        },
        Rule("A blob that was opened before it was removed can be read to its end") { store in
            let content = SampleUpload(count: 100_000, seed: 44)
            try await content.finish(store)
            let blob = try await store.open(content.key, digest: content.digest)
            try await store.remove(content.key, digest: content.digest)
            try demand(try await blob.allBytes() == content.bytes, "the bytes changed under a reader")
            try await demandRefusal(.notFound, "opening what was removed") {
                _ = try await store.open(content.key, digest: content.digest)
            }
        },
        Rule("Many readers of one blob do not disturb each other") { store in
            let content = SampleUpload(count: 200_000, seed: 45)
            try await content.finish(store)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 { group.addTask { try await content.demandStored(in: store) } }
                try await group.waitForAll()
            }
        },
        Rule("The room that is left is at most the size of the whole") { store in
            let space = try await store.space()
            guard let free = space.free, let total = space.total else { return }
            try demand(free >= 0 && free <= total, "\(free) bytes of \(total) are free")
        },
    ]
}

extension FinishedBlob {
    /// What a sample is when it is finished.
    fileprivate init(_ content: SampleUpload) {
        self.init(key: content.key, digest: content.digest, byteCount: Int64(content.bytes.count))
    }
}

import BlobStorage
import Hashing
import NIOCore
import OCI

extension BlobStoreContract {
    static let uploading: [Rule] = [
        Rule("Each append returns the hash of all bytes so far") { store in
            let content = SampleUpload(count: 5000, seed: 1)
            let first = try await content.append(0..<3000, to: store)
            try demandEqual(first.digest(), content.hash(upTo: 3000).digest(), "the hash after one append")
            let second = try await content.append(3000..<5000, to: store)
            try demandEqual(second.digest(), content.digest, "the hash after two appends")
            try demandEqual(second.byteCount, 5000, "the bytes hashed after two appends")
        },
        Rule("A hash that was kept and taken up again finishes an upload") { store in
            let content = SampleUpload(count: 777, seed: 2)
            let kept = try await content.append(0..<500, to: store).encoded()
            let hash = ContentHash(encoded: kept) ?? ContentHash(.sha256)
            let last = [content.buffer(500..<777)]
            let state = UploadState(offset: 500, hash: hash)
            _ = try await store.finish(content.key, appending: last, at: state, expecting: content.digest)
            try await content.demandStored(in: store)
        },
        Rule("Bytes that a broken attempt left after the offset are overwritten") { store in
            let content = SampleUpload(count: 400, seed: 3)
            try await content.append(0..<100, to: store)
            let junk = [ByteBuffer(repeating: 0xee, count: 200)]
            _ = try await store.append(junk, to: content.key, at: content.state(at: 100))
            try await content.append(100..<250, to: store)
            try await content.finish(store, from: 250)
            try await content.demandStored(in: store)
        },
        Rule("Bytes that a broken attempt left after the end are no part of the blob") { store in
            let content = SampleUpload(count: 100, seed: 4)
            let junk = [ByteBuffer(repeating: 0xee, count: 9000)]
            _ = try await store.append(junk, to: content.key, at: .start(.sha256))
            try demandEqual(try await content.finish(store), 100, "the size of the blob")
            try await content.demandStored(in: store)
        },
        Rule("Many buffers, empty ones among them, are one stretch of bytes") { store in
            let content = SampleUpload(count: 3000, seed: 5)
            let pieces = stride(from: 0, to: 3000, by: 7).flatMap { start in
                [content.buffer(start..<min(start + 7, 3000)), ByteBuffer()]
            }
            let hash = try await store.append(pieces, to: content.key, at: .start(.sha256)).hash
            try demandEqual(hash.digest(), content.digest, "the hash of many buffers")
            try await content.finish(store, from: 3000)
            try await content.demandStored(in: store)
        },
        Rule("An append to an upload that is shorter than its offset is refused as truncated") { store in
            let content = SampleUpload(count: 100, seed: 6)
            try await content.append(0..<50, to: store)
            try await demandRefusal(.truncated, "an append after a gap") {
                try await content.append(60..<100, to: store)
            }
            try await demandRefusal(.truncated, "a flush of too much") {
                try await content.flush(51, in: store)
            }
            try await demandRefusal(.truncated, "a rehash of too much") {
                _ = try await content.rehash(51, in: store, .sha256)
            }
            try await demandRefusal(.truncated, "a finish after a gap") { try await content.finish(store, from: 60) }
        },
        Rule("An upload that does not exist is not found, except at its very beginning") { store in
            let content = SampleUpload(count: 10, seed: 7)
            try await demandRefusal(.notFound, "an append") { try await content.append(5..<10, to: store) }
            try await demandRefusal(.notFound, "a flush") { try await content.flush(5, in: store) }
            try await demandRefusal(.notFound, "a finish") { try await content.finish(store, from: 5) }
            try await demandRefusal(.notFound, "a rehash") {
                _ = try await content.rehash(5, in: store, .sha256)
            }
            try await content.flush(0, in: store)
            let nothing = try await content.rehash(0, in: store, .sha512)
            try demandEqual(nothing.digest(), ContentHash.digest(of: [], .sha512), "the hash of nothing")
        },
        Rule("A flush changes nothing that can be seen") { store in
            let content = SampleUpload(count: 100, seed: 8)
            try await content.append(0..<60, to: store)
            try await content.flush(60, in: store)
            try await content.flush(30, in: store)
            try await content.append(60..<100, to: store)
            try await content.finish(store, from: 100)
            try await content.demandStored(in: store)
        },
        Rule("A rehash is the hash of the first bytes, in either algorithm") { store in
            let content = SampleUpload(count: 700_000, seed: 9)
            try await content.append(0..<700_000, to: store)
            for algorithm in Digest.Algorithm.allCases {
                let hash = try await content.rehash(600_001, in: store, algorithm)
                let expected = ContentHash.digest(of: Array(content.bytes[..<600_001]), algorithm)
                try demandEqual(hash.digest(), expected, "the \(algorithm) hash")
                try demandEqual(hash.byteCount, 600_001, "the bytes hashed")
            }
        },
        Rule("What was discarded is gone, and discarding it again is no error") { store in
            let content = SampleUpload(count: 10, seed: 10)
            try await content.append(0..<10, to: store)
            try await content.discard(in: store)
            try await content.discard(in: store)
            try await demandRefusal(.notFound, "a finish") { try await content.finish(store, from: 10) }
            try demandEqual(try await allEntries(store, page: 10), [], "the listing")
        },
        Rule("A task that was cancelled can still discard its upload") { store in
            let content = SampleUpload(count: 10, seed: 11)
            try await content.append(0..<10, to: store)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await content.discard(in: store)
                }
                try await group.waitForAll()
            }
            try demandEqual(try await allEntries(store, page: 10), [], "the listing")
        },
        Rule("Uploads at the same time do not mix") { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 100..<140 {
                    group.addTask {
                        let content = SampleUpload(count: 20_000, seed: UInt64(seed))
                        for start in stride(from: 0, to: 20_000, by: 5000) {
                            try await content.append(start..<start + 5000, to: store)
                        }
                        try await content.finish(store, from: 20_000)
                        try await content.demandStored(in: store)
                    }
                }
                try await group.waitForAll()
            }
        },
    ]
}

import BlobStorage
import Hashing
import NIOCore
import OCI

extension BlobStoreContract {
    static let finishing: [Rule] = [
        Rule("An upload in one call is a blob") { store in
            let content = SampleUpload(count: 4096, seed: 20)
            try demandEqual(try await content.finish(store), 4096, "the size")
            try await content.demandStored(in: store)
        },
        Rule("An upload of several appends and a rest is a blob") { store in
            let content = SampleUpload(count: 1_000_003, seed: 21)
            try await content.append(0..<400_000, to: store)
            try await content.append(400_000..<800_001, to: store)
            try demandEqual(try await content.finish(store, from: 800_001), 1_000_003, "the size")
            try await content.demandStored(in: store)
        },
        Rule("An upload of no bytes is a blob") { store in
            for content in [SampleUpload([]), SampleUpload([], .sha512)] {
                try demandEqual(try await content.finish(store), 0, "the size")
                try await content.demandStored(in: store)
            }
        },
        Rule("A blob may be named by SHA-512") { store in
            let content = SampleUpload(count: 300, seed: 22, .sha512)
            try await content.append(0..<200, to: store)
            try await content.finish(store, from: 200)
            try await content.demandStored(in: store)
        },
        Rule("A digest by another algorithm than the upload was hashed by is compared all the same") { store in
            for (count, seed) in [(100, 220), (9_000_000, 221)] as [(Int, UInt64)] {
                let content = SampleUpload(count: count, seed: seed)
                let digest = ContentHash.digest(of: content.bytes, .sha512)
                try await content.append(0..<count / 2, to: store)
                try await content.flush(count / 2, in: store)
                try demandEqual(
                    try await content.finish(store, from: count / 2, expecting: digest),
                    Int64(count),
                    "the size"
                )
                let blob = try await store.open(content.key, digest: digest)
                try demand(try await blob.allBytes() == content.bytes, "the bytes are others")
                let wrong = SampleUpload(count: count, seed: seed + 10)
                try await wrong.append(0..<count / 2, to: store)
                let error = try await demandRefusal(.digestMismatch, "a wrong digest") {
                    try await wrong.finish(store, from: count / 2, expecting: digest)
                }
                let actual = ContentHash.digest(of: wrong.bytes, .sha512)
                try demandEqual(error.actual, actual, "the digest in the error")
                try await demandRefusal(.notFound, "opening by the wrong digest") {
                    _ = try await store.open(wrong.key, digest: digest)
                }
                try await wrong.discard(in: store)
            }
            try demandEqual(try await allEntries(store, page: 10).count, 2, "the number of things in the store")
        },
        Rule("A wrong digest is refused with the true one, and nothing is stored") { store in
            let content = SampleUpload(count: 100, seed: 23)
            let other = SampleUpload(count: 100, seed: 24)
            try await content.append(0..<60, to: store)
            let error = try await demandRefusal(.digestMismatch, "a wrong digest") {
                try await content.finish(store, from: 60, expecting: other.digest)
            }
            try demandEqual(error.actual, content.digest, "the digest in the error")
            try await demandRefusal(.notFound, "opening by the wrong digest") {
                _ = try await store.open(content.key, digest: other.digest)
            }
            try await demandRefusal(.notFound, "opening by the true digest") {
                _ = try await store.open(content.key, digest: content.digest)
            }
        },
        Rule("After a wrong digest the upload can be discarded, or finished with the right one") { store in
            let content = SampleUpload(count: 100, seed: 25)
            let dropped = SampleUpload(count: 100, seed: 26)
            for each in [content, dropped] {
                let wrong = SampleUpload(count: 1, seed: 27).digest
                try await each.append(0..<60, to: store)
                try await demandRefusal(.digestMismatch, "a wrong digest") {
                    try await each.finish(store, from: 60, expecting: wrong)
                }
            }
            try await dropped.discard(in: store)
            try await content.finish(store, from: 60)
            try await content.demandStored(in: store)
            let expected = BlobListing.Entry(key: content.key, digest: content.digest, byteCount: 100)
            try demandEqual(try await allEntries(store, page: 10), [expected], "the listing")
        },
        Rule("Finishing what is finished already returns the same, for a caller that was stopped in between") { store in
            let content = SampleUpload(count: 100, seed: 28)
            try await content.append(0..<60, to: store)
            try await content.finish(store, from: 60)
            try demandEqual(try await content.finish(store, from: 60), 100, "the size at the second finish")
            try demandEqual(try await content.finish(store), 100, "the size at a finish from the beginning")
            try await content.demandStored(in: store)
            try demandEqual(try await allEntries(store, page: 10).count, 1, "the number of things in the store")
        },
        Rule("The same bytes under two keys are two blobs") { store in
            let first = SampleUpload(count: 50, seed: 29)
            let second = SampleUpload(count: 50, seed: 29)
            try await first.finish(store)
            try await second.finish(store)
            try await store.remove(first.key, digest: first.digest)
            try await second.demandStored(in: store)
            try await demandRefusal(.notFound, "opening what was removed") {
                _ = try await store.open(first.key, digest: first.digest)
            }
        },
    ]
}

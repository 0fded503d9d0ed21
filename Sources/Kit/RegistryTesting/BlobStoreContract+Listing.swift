import BlobStorage
import Hashing
import NIOCore
import OCI

extension BlobStoreContract {
    static let listing: [Rule] = [
        Rule("An empty store lists nothing") { store in
            let page = try await store.list(after: nil, limit: 10)
            try demandEqual(page.entries, [], "the entries")
            try demandEqual(page.strangers, [], "the strangers")
            try demandEqual(page.next, nil, "the token")
        },
        Rule("Every upload and every blob is listed once with its size, whatever the size of a page") { store in
            var expected: Set<BlobListing.Entry> = []
            for seed in 60..<84 {
                let content = SampleUpload(count: seed, seed: UInt64(seed), seed % 5 == 0 ? .sha512 : .sha256)
                if seed % 3 == 0 {
                    try await content.append(0..<seed, to: store)
                    expected.insert(.init(key: content.key, digest: nil, byteCount: Int64(seed)))
                } else {
                    try await content.finish(store)
                    expected.insert(.init(key: content.key, digest: content.digest, byteCount: Int64(seed)))
                }
            }
            let whole = try await allEntries(store, page: 1000)
            try demandEqual(whole.count, 24, "the number of things")
            try demandEqual(Set(whole), expected, "what is listed")
            for page in [1, 2, 5, 7, 23, 24, 25] {
                try demandEqual(try await allEntries(store, page: page), whole, "the listing by \(page)")
            }
        },
        Rule("A store has no name until it is given one, keeps that, and lists no part of it") { store in
            try demandEqual(try await store.identity(), nil, "the name of a new store")
            let name = BlobKey.random()
            try demandEqual(try await store.identify(as: name), name, "the name that it was told to have")
            try demandEqual(try await store.identity(), name, "the name that was given")
            try demandEqual(try await store.identify(as: .random()), name, "the name after another was given")
            try demandEqual(try await store.identity(), name, "the name that was given first")
            let page = try await store.list(after: nil, limit: 10)
            try demandEqual(page.entries, [], "the entries")
            try demandEqual(page.strangers, [], "the strangers")
        },
        Rule("Blobs are found by their keys") { store in
            let contents = (200..<206).map { SampleUpload(count: 9, seed: UInt64($0), $0 == 203 ? .sha512 : .sha256) }
            for content in contents { try await content.finish(store) }
            let large = SampleUpload(count: 6_000_000, seed: 206)
            try await large.append(0..<5_500_000, to: store)
            try await large.finish(store, from: 5_500_000)
            let begun = SampleUpload(count: 9, seed: 207)
            try await begun.append(0..<9, to: store)
            let asked = [contents[1], contents[3], large]
            let found = try await store.blobs(under: Set(asked.map(\.key) + [begun.key, .random()]))
            let expected = asked.map { content in
                BlobListing.Entry(key: content.key, digest: content.digest, byteCount: Int64(content.bytes.count))
            }
            try demandEqual(Set(found), Set(expected), "what is found")
            try demandEqual(found.count, 3, "how many are found")
            try demandEqual(try await store.blobs(under: []), [], "what is found without keys")
        },
        Rule("A page may follow one whose last entry is gone") { store in
            let contents = (90..<99).map { SampleUpload(count: 9, seed: UInt64($0)) }
            for content in contents { try await content.finish(store) }
            let first = try await store.list(after: nil, limit: 4)
            for entry in first.entries {
                if let digest = entry.digest { try await store.remove(entry.key, digest: digest) }
            }
            let second = try await store.list(after: first.next, limit: 100)
            let keys = (first.entries + second.entries).map(\.key)
            try demandEqual(keys.count, 9, "the number of things on both pages")
            try demandEqual(Set(keys), Set(contents.map(\.key)), "what is on both pages")
        },
    ]

    /// Everything in a store, in its order, read in pages of `page`; throws when a page is larger.
    static func allEntries(_ store: any BlobStore, page: Int) async throws -> [BlobListing.Entry] {
        var entries: [BlobListing.Entry] = []
        var token: String?
        repeat {
            let listing = try await store.list(after: token, limit: page)
            try demand(listing.entries.count <= page, "a page of \(listing.entries.count) instead of \(page)")
            try demandEqual(listing.strangers, [], "the strangers")
            entries += listing.entries
            token = listing.next
        } while token != nil && entries.count <= 10_000
        return entries
    }
}

import BlobStorage
import Hashing
import NIOCore
import NIOPosix
import OCI
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite struct S3BlobStoreBucketTests {
    @Test(arguments: Party.allCases)
    func `a bucket holds what its layout says, and nothing else`(party: Party) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            let (content, going) = (SampleUpload(count: 10, seed: 1), SampleUpload(count: 20, seed: 2, .sha512))
            try await content.finish(store)
            try await going.append(0..<20, to: store)
            try await going.flush(20, in: store)
            let name = BlobKey.random()
            try await store.identify(as: name)
            let (key, digits) = (content.key.description, content.digest.encoded)
            let tail = try #require(try await stores.names("uploads/").first)
            let expected = [
                "blobs/\(key.prefix(2))/\(key)", "digests/sha256/\(digits.prefix(2))/\(digits.dropFirst(2)).\(key).10",
                "identity", tail,
            ]
            #expect(try await stores.names() == expected)
            let folder = "uploads/\(going.key.description.prefix(2))/\(going.key)/0-20."
            #expect(tail.hasPrefix(folder) && tail.utf8.count == folder.utf8.count + 16)
            #expect(try await store.identity() == name)
        }
    }

    @Test(arguments: Party.allCases)
    func `things that are not the store's are listed as strangers`(party: Party) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            let contents = (0..<3).map { SampleUpload(count: 9, seed: $0) }
            for content in contents {
                try await content.append(0..<9, to: store)
                try await content.flush(9, in: store)
            }
            let strangers = ["digests/sha256/00/x", "readme", "uploads/00/x", "uploads/zz", "work/x"]
            for name in strangers { try await stores.client.put(name, .bytes([1])) }
            let other = try await stores.store()
            for limit in [1, 2, 3, 10] {
                var (found, keys, token): ([String], [BlobKey], String?) = ([], [], nil)
                repeat {
                    let page = try await other.list(after: token, limit: limit)
                    found += page.strangers
                    keys += page.entries.map(\.key)
                    token = page.next
                } while token != nil && found.count < 100
                #expect(found.sorted() == ["digests/sha256/00/x", "readme", "uploads/00/x", "uploads/zz", "work/"])
                #expect(keys == contents.map(\.key).sorted { $0.description < $1.description })
            }
        }
    }

    @Test(arguments: Party.allCases)
    func `multipart uploads are listed by their keys, in pages`(party: Party) async throws {
        try await party.runStores { stores in
            let keys = (0..<7).map { _ in BlobKey.random() }.sorted { $0.description < $1.description }
            for key in keys { _ = try await stores.client.createUpload("blobs/\(key.description.prefix(2))/\(key)") }
            let store = try await stores.store()
            for limit in [1, 2, 7, 8] {
                var (found, token): ([BlobKey], String?) = ([], nil)
                repeat {
                    let page = try await store.list(after: token, limit: limit)
                    found += page.entries.map(\.key)
                    token = page.next
                } while token != nil && found.count < 100
                #expect(found == keys)
            }
            for key in keys { try await store.discard(key, ledger: nil) }
            #expect(try await store.list(after: nil, limit: 10).entries == [])
        }
    }

    @Test(arguments: Party.allCases)
    func `a name without its bytes is listed and removed, and opens nothing`(party: Party) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            let content = SampleUpload(count: 10, seed: 1)
            try await content.finish(store)
            // A process died between the two.
            try await stores.client.delete("blobs/\(content.key.description.prefix(2))/\(content.key)")
            let entry = BlobListing.Entry(key: content.key, digest: content.digest, byteCount: 10)
            #expect(try await store.list(after: nil, limit: 10).entries == [entry])
            let error = await #expect(throws: BlobStoreError.self) {
                try await store.open(content.key, digest: content.digest)
            }
            #expect(error?.code == .notFound)
            try await store.remove(content.key, digest: content.digest)
            #expect(try await stores.names() == [])
        }
    }

    @Test(arguments: Party.allCases)
    func `a stretch of a blob is read, and a blob that was removed is not found`(party: Party) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            let content = SampleUpload(count: 5000, seed: 1)
            try await content.finish(store)
            guard case .remote(let blob) = try await store.open(content.key, digest: content.digest).content else {
                throw Succeeded()
            }
            let part = try await blob.read(1000..<3000)
            var bytes: [UInt8] = []
            while let batch = try await part.next(upTo: 64) { for piece in batch { bytes += piece.readableBytesView } }
            #expect(bytes == Array(content.bytes[1000..<3000]))
            #expect(try await blob.read(7..<7).next(upTo: 10) == nil)
            try await store.remove(content.key, digest: content.digest)
            let error = await #expect(throws: BlobStoreError.self) { try await blob.read(0..<10) }
            #expect(error?.code == .notFound)
        }
    }

    @Test(arguments: Party.allCases)
    func `a blob in parts is found by its digest alone`(party: Party) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            let content = SampleUpload([UInt8](repeating: 7, count: (5 << 20) + 1))
            try await content.finish(store)
            let other = SampleUpload(count: 1, seed: 1)
            for store in [store, try await stores.store()] {
                let error = await #expect(throws: BlobStoreError.self) {
                    try await store.open(content.key, digest: other.digest)
                }
                #expect(error?.code == .notFound)
                try await content.demandStored(in: store)
            }
        }
    }

    @Test func `a name that the store has got is not replaced`() async throws {
        try await Party.radosGateway.runStores { stores in
            let store = try await stores.store()
            let name = BlobKey.random()
            #expect(try await store.identify(as: name) == name)
            #expect(try await store.identify(as: name) == name)
            #expect(try await store.identify(as: .random()) == name)
            #expect(try await store.identity() == name)
            #expect(store.isNamedOnce)
        }
    }

    @Test func `of many who give a bucket a name at once one does, and all are told which`() async throws {
        try await Party.radosGateway.runStores { stores in
            let names = try await withThrowingTaskGroup(of: BlobKey.self) { group in
                for _ in 0..<16 {
                    let store = try await stores.store()
                    group.addTask { try await store.identify(as: .random()) }
                }
                return try await group.reduce(into: Set<BlobKey>()) { $0.insert($1) }
            }
            #expect(names.count == 1)
            #expect(try await stores.store().identity() == names.first)
        }
    }

    @Test(arguments: ["", "x\n", "0123456789abcdef0123456789abcdef", String(repeating: "0", count: 100)])
    func `a damaged name says what to do`(text: String) async throws {
        try await Party.rclone.runStores { stores in
            try await stores.client.put("identity", .bytes(text.utf8))
            let store = try await stores.store()
            let error = await #expect(throws: BlobStoreError.self) { try await store.identity() }
            #expect(error?.code == .unusable && error?.message.contains("some/where/identity") == true)
        }
    }

    @Test func `a store without room or rights says so in the words of the contract`() async throws {
        let cases: [(Int, String, BlobStoreError.Code)] = [
            (403, "QuotaExceeded", .full), (507, "InsufficientStorage", .full), (403, "AccessDenied", .unusable),
            (404, "NoSuchBucket", .unusable),
        ]
        for (status, name, code) in cases {
            try await withHostile({ _, _ in .error(status, name) }) { client, _ in
                let folder = try TemporaryFolder(inMemory: true)
                let store = try await S3BlobStore.open(
                    client,
                    folder: folder.path,
                    findings: S3Findings(),
                    threads: .singleton
                )
                let error = await #expect(throws: BlobStoreError.self) {
                    try await SampleUpload(count: 10, seed: 1).finish(store)
                }
                #expect(error?.code == code, "\(name)")
            }
        }
    }

    @Test func `a folder that is not there is found when the store is opened`() async throws {
        try await withHostile({ _, _ in .error(500, "InternalError") }) { client, _ in
            let error = await #expect(throws: BlobStoreError.self) {
                try await S3BlobStore.open(
                    client,
                    folder: "/nowhere/at/all",
                    findings: S3Findings(),
                    threads: .singleton
                )
            }
            #expect(error?.code == .unusable && error?.message.contains("/nowhere/at/all") == true)
        }
    }
}

import BlobStorage
import Hashing
import NIOCore
import NIOPosix
import OCI
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite struct S3BlobStoreTests {
    private static let part = 5 << 20

    /// Bytes of some number of parts and 1234 more.
    private static func sample(parts: Int) -> SampleUpload {
        // Not `SeededGenerator`, which takes seconds for so many.
        SampleUpload((0..<(parts * part + 1234)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
    }

    @Test(arguments: Party.allCases)
    func `each chunk of an upload may come to another process`(party: Party) async throws {
        try await party.runStores { stores in
            let processes = [try await stores.store(), try await stores.store(), try await stores.store()]
            let content = Self.sample(parts: 3)
            let chunk = 1_900_000
            var (offset, turn) = (0, 0)
            while content.bytes.count - offset > chunk {
                try await content.append(offset..<offset + chunk, to: processes[turn % 3])
                offset += chunk
                try await content.flush(offset, in: processes[turn % 3])
                turn += 1
                #expect(try await stores.names("uploads/").count <= 2)
            }
            let size = try await content.finish(processes[turn % 3], from: offset)
            #expect(size == Int64(content.bytes.count))
            for process in processes { try await content.demandStored(in: process) }
            #expect(try await stores.names("uploads/") == [])
            #expect(try await stores.client.listUploads().uploads == [])
            let listing = try await stores.store().list(after: nil, limit: 10)
            #expect(listing.entries == [.init(key: content.key, digest: content.digest, byteCount: size)])
            #expect(listing.strangers == [] && listing.next == nil)
        }
    }

    @Test(arguments: Party.allCases)
    func `what was recorded before the last flush still goes on elsewhere`(party: Party) async throws {
        try await party.runStores { stores in
            let (first, second) = (try await stores.store(), try await stores.store())
            let content = Self.sample(parts: 2)
            try await content.append(0..<6_000_000, to: first)
            try await content.flush(6_000_000, in: first)
            // This one is never recorded: the process dies.
            try await content.append(6_000_000..<7_000_000, to: first)
            try await content.flush(7_000_000, in: first)
            try await content.append(6_000_000..<9_000_000, to: second)
            try await content.finish(second, from: 9_000_000)
            try await content.demandStored(in: second)
        }
    }

    @Test(arguments: Party.allCases)
    func `a cheap flush goes back to the last part, from which another process goes on`(party: Party) async throws {
        try await party.runStores { stores in
            let content = Self.sample(parts: 2)
            let first = try await stores.store()
            let reached = try await first.append(
                [content.buffer(0..<7_000_000)],
                to: content.key,
                at: .start(.sha256)
            )
            let durable = try await first.flush(content.key, at: reached, .cheap)
            #expect(durable.offset == Int64(Self.part))
            #expect(durable.hash.digest() == content.hash(upTo: Self.part).digest())
            #expect(try await stores.names("uploads/") == [])
            let second = try await stores.store()
            let size = try await second.finish(
                content.key,
                appending: [content.buffer(Self.part..<content.bytes.count)],
                at: durable,
                expecting: content.digest
            )
            #expect(size == Int64(content.bytes.count))
            try await content.demandStored(in: first)
        }
    }

    @Test(arguments: Party.allCases)
    func `a cheap flush of less than a part makes nothing durable`(party: Party) async throws {
        try await party.runStores { stores in
            let content = SampleUpload(count: 1000, seed: 1)
            let store = try await stores.store()
            let reached = try await store.append([content.buffer(0..<1000)], to: content.key, at: .start(.sha256))
            #expect(try await store.flush(content.key, at: reached, .cheap).offset == 0)
            #expect(try await stores.names() == [])
        }
    }

    @Test(arguments: Party.allCases)
    func `a part that a broken attempt has sent is sent anew`(party: Party) async throws {
        try await party.runStores { stores in
            let content = Self.sample(parts: 2)
            let store = try await stores.store()
            try await content.append(0..<3_000_000, to: store)
            // The part with these bytes is sent, and its caller dies before it hears of it.
            let junk = [ByteBuffer(repeating: 0xEE, count: 4_000_000)]
            _ = try await store.append(junk, to: content.key, at: content.state(at: 3_000_000))
            try await content.append(3_000_000..<10_000_000, to: store)
            try await content.finish(store, from: 10_000_000)
            try await content.demandStored(in: store)
        }
    }

    @Test(arguments: Party.allCases)
    func `a part whose bytes come again is sent again`(party: Party) async throws {
        try await party.runStores { stores in
            let content = Self.sample(parts: 3)
            let (first, second) = (try await stores.store(), try await stores.store())
            try await content.append(0..<6_000_000, to: first)
            try await content.flush(6_000_000, in: first)
            // Its second part is in the bucket, and nobody knows it.
            _ = try await first.append(
                [content.buffer(6_000_000..<11_000_000)],
                to: content.key,
                at: content.state(at: 6_000_000)
            )
            try await content.append(6_000_000..<11_000_000, to: second)
            try await content.finish(second, from: 11_000_000)
            try await content.demandStored(in: second)
        }
    }

    @Test func `a part with other bytes takes the place of one that nobody recorded`() async throws {
        try await Party.radosGateway.runStores { stores in
            let content = Self.sample(parts: 3)
            let store = try await stores.store()
            try await content.append(0..<6_000_000, to: store)
            let junk = [ByteBuffer(repeating: 0xEE, count: 5_000_000)]
            _ = try await store.append(junk, to: content.key, at: content.state(at: 6_000_000))
            try await content.append(6_000_000..<11_000_000, to: store)
            try await content.finish(store, from: 11_000_000)
            try await content.demandStored(in: store)
        }
    }

    @Test(arguments: Party.allCases)
    func `parts that nobody needs end an upload, where the store takes none back`(party: Party) async throws {
        try await party.runStores { stores in
            let content = Self.sample(parts: 1)
            let store = try await stores.store()
            try await content.append(0..<5_243_000, to: store)
            let junk = [ByteBuffer(repeating: 0xEE, count: 2 * Self.part)]
            _ = try await store.append(junk, to: content.key, at: content.state(at: 5_243_000))
            let error = await #expect(throws: BlobStoreError.self) { try await content.finish(store, from: 5_243_000) }
            #expect(error?.code == .truncated)
            try await content.discard(in: store)
            #expect(try await stores.names() == [])
            #expect(try await stores.client.listUploads().uploads == [])
        }
    }

    @Test(arguments: Party.allCases)
    func `what another process has finished already is finished`(party: Party) async throws {
        try await party.runStores { stores in
            let (first, second) = (try await stores.store(), try await stores.store())
            let content = Self.sample(parts: 2)
            try await content.append(0..<8_000_000, to: first)
            try await content.flush(8_000_000, in: first)
            let size = Int64(content.bytes.count)
            #expect(try await content.finish(first, from: 8_000_000) == size)
            #expect(try await content.finish(first, from: 8_000_000) == size)
            #expect(try await content.finish(second, from: 8_000_000) == size)
            try await content.demandStored(in: second)
        }
    }

    @Test(arguments: Party.allCases)
    func `an upload in parts is discarded, with its ledger or without`(party: Party) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            for knowsLedger in [true, false] {
                let content = Self.sample(parts: 1)
                try await content.append(0..<Self.part + 1000, to: store)
                try await content.flush(Self.part + 1000, in: store)
                #expect(try await stores.names("uploads/").count == 1)
                #expect(try await store.list(after: nil, limit: 5).entries.map(\.key) == [content.key])
                let other = try await stores.store()
                if knowsLedger {
                    try await content.discard(in: other)
                } else {
                    try await other.discard(content.key, ledger: nil)
                }
                #expect(try await stores.names() == [])
                #expect(try await stores.client.listUploads().uploads == [])
                try await store.discard(content.key, ledger: nil)
            }
        }
    }
}

import BlobStorage
import Hashing
import NIOCore
import NIOPosix
import OCI
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite struct S3LedgerTests {
    private static func ledger(parts: Int) -> S3Ledger {
        var ledger = S3Ledger()
        ledger.uploadID = "2~an.id_of-some+length"
        for number in 1...parts {
            let digits = String(number * 0x1234567, radix: 16)
            let etag = "\"" + String(repeating: "0", count: 32 - digits.utf8.count) + digits + "\""
            ledger.append(S3Part(number: number, etag: etag, byteCount: 8 << 20))
        }
        return ledger
    }

    @Test func `a ledger is read as it was written`() throws {
        var odd = Self.ledger(parts: 2)
        odd.append(S3Part(number: 3, etag: "\"abc-3\"", byteCount: 7, checksum: "Zm9v"))
        odd.append(S3Part(number: 4, etag: "\"0123456789ABCDEF0123456789abcdef\"", byteCount: .max - odd.partsEnd))
        odd.tail = .init(start: 5, end: .max, mark: .max)
        odd.stale = [.init(start: 0, end: 1, mark: 0), .init(start: 1, end: 2, mark: 1 << 63)]
        var small = S3Ledger()
        small.tail = .init(start: 0, end: 100, mark: 7)
        for ledger in [S3Ledger(), small, odd, Self.ledger(parts: 1280)] {
            #expect(try S3Ledger(ledger.encoded()) == ledger)
        }
        #expect(S3Ledger().encoded() == nil)
        #expect(try #require(Self.ledger(parts: 1280).encoded()).count < 30_000)
    }

    @Test func `a ledger of another version or a damaged one is refused, and the upload cannot go on`() throws {
        var ledger = Self.ledger(parts: 2)
        ledger.tail = .init(start: 1, end: 2, mark: 3)
        let bytes = try #require(ledger.encoded())
        var damaged = (0..<bytes.count).map { Array(bytes[..<$0]) } + [bytes + [0], [2] + bytes.dropFirst()]
        damaged.append([1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        for bytes in damaged {
            let error = #expect(throws: BlobStoreError.self) { try S3Ledger(bytes) }
            #expect(error?.code == .truncated)
        }
    }

    @Test func `parts grow so that a blob of any size has few enough`() async throws {
        try await withHostile({ _, _ in .error(500, "InternalError") }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            for (least, whole) in [(Int64(8) << 20, Int64(5) << 40), (0, Int64(3) << 40)] {
                let store = try await S3BlobStore.open(
                    client,
                    folder: folder.path,
                    partByteCount: least,
                    findings: S3Findings(),
                    threads: .singleton
                )
                var (total, last): (Int64, Int64) = (0, 5 << 20)
                for count in 0..<S3Ledger.partsMax {
                    let size = store.partByteCount(after: count)
                    #expect(size >= last && size <= 5 << 30)
                    (total, last) = (total + size, size)
                }
                #expect(total > whole)
                #expect(store.partByteCount(after: 0) == max(least, 5 << 20))
            }
        }
    }

    @Test func `names of objects are read only as they are written`() throws {
        let key = BlobKey.random()
        let tail = S3Ledger.Tail(start: 5, end: 12, mark: 0xAB)
        let name = S3BlobLayout.tail(tail, key)
        #expect(name.hasSuffix("/5-12.00000000000000ab"))
        #expect(S3BlobLayout.readTail(name)?.key == key && S3BlobLayout.readTail(name)?.end == 12)
        for other in [name + "0", name.replacing("5-12", with: "05-12"), name.replacing("5-12", with: "12-5"), "x"] {
            #expect(S3BlobLayout.readTail(other) == nil, "\(other)")
        }
        let content = SampleUpload(count: 3, seed: 1, .sha512)
        let digest = S3BlobLayout.digest(content.digest, key, byteCount: 3)
        #expect(S3BlobLayout.readDigest(digest) == .init(key: key, digest: content.digest, byteCount: 3))
        for other in [digest + "x", digest.replacing("sha512", with: "sha256"), digest.replacing(".3", with: ".03")] {
            #expect(S3BlobLayout.readDigest(other) == nil, "\(other)")
        }
    }

    @Test func `files of uploads that are in the bucket, too, go when there are many`() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let spools = S3Spools()
        let writing = BlobKey.random()
        for index in 0...(2 * S3Spools.countMax) {
            let key = index == 0 ? writing : BlobKey.random()
            let spool = try await S3Spool.make(
                in: folder.path,
                base: 0,
                threads: .singleton,
                at: .seconds(index)
            )
            if index == 0 { _ = try await spool.write([.init(bytes: [1])], at: 0, .init(.sha256)) }
            spools.keep(spool, for: key, at: .seconds(index))
        }
        #expect(spools.keys.count == S3Spools.countMax)
        #expect(spools[writing] != nil)
        let later = try await S3Spool.make(in: folder.path, base: 0, threads: .singleton, at: .seconds(9000))
        spools.keep(later, for: .random(), at: .seconds(9000))
        #expect(spools[writing] == nil)
    }
}

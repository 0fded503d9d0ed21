import Foundation
import Glibc
import Hashing
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import Transfer

@Suite("A file as a stream")
struct FileStreamTests {
    /// An open file of a folder that goes away with it.
    private final class Opened: Sendable {
        let descriptor: CInt
        private let folder: TemporaryFolder

        init(_ bytes: [UInt8]) throws {
            folder = try TemporaryFolder(inMemory: true)
            let path = folder.path + "/file"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        func content(_ byteCount: Int, offset: Int64 = 0) -> BlobContent {
            let file = OpenDescriptor(descriptor: descriptor, offset: offset, owner: self)
            return BlobContent(byteCount: Int64(byteCount), source: .file(file))
        }
    }

    private static func all(_ stream: any ByteStream, upTo byteCount: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let batch = try await stream.next(upTo: byteCount) {
            for buffer in batch {
                #expect((1...max(1, byteCount)).contains(buffer.readableBytes))
                bytes += buffer.readableBytesView
            }
        }
        #expect(try await stream.next(upTo: byteCount) == nil)
        return bytes
    }

    @Test(
        "gives its bytes from any offset on, in batches of any size",
        arguments: [0, 1, 1 << 20, (1 << 20) + 1, 3_500_000],
        [100_000, 1 << 20, 10 << 20]
    )
    func bytes(byteCount: Int, batchByteCount: Int) async throws {
        let sample = SampleBlob(count: byteCount, seed: 7).bytes
        let file = try Opened(sample)
        for offset in Set([0, byteCount / 3, byteCount]) {
            let stream = file.content(byteCount).stream(from: Int64(offset))
            #expect(stream.declaredByteCount == Int64(byteCount - offset))
            #expect(try await Self.all(stream, upTo: batchByteCount) == Array(sample[offset...]))
        }
    }

    @Test func `may begin within a larger file`() async throws {
        let sample = SampleBlob(count: 5000, seed: 8).bytes
        let file = try Opened(sample)
        let stream = file.content(2000, offset: 1000).stream(from: 500)
        #expect(try await Self.all(stream, upTo: 700) == Array(sample[1500..<3000]))
    }

    @Test func `of a file that became shorter ends in an error`() async throws {
        let file = try Opened(SampleBlob(count: 1_500_000, seed: 9).bytes)
        let stream = file.content(3_000_000).stream()
        await #expect(throws: FileStream.Failure.self) { _ = try await Self.all(stream, upTo: 1 << 20) }
    }

    @Test func `leaves alone what was given out`() async throws {
        let sample = SampleBlob(count: 9 << 20, seed: 10).bytes
        let file = try Opened(sample)
        let stream = file.content(sample.count).stream()
        var kept: [ByteBuffer] = []
        while let batch = try await stream.next(upTo: 1 << 20) { kept += batch }
        #expect(kept.flatMap { $0.readableBytesView } == sample)
    }

    @Test(arguments: [0, 1, 999, 1000, 2500])
    func `skips what a source gives before the offset`(offset: Int) async throws {
        let sample = SampleBlob(count: 2500, seed: 11).bytes
        let whole = BlobContent(byteCount: 2500, source: .bytes(ByteBuffer(bytes: sample)))
        #expect(try await Self.all(whole.stream(from: Int64(offset)), upTo: 4000) == Array(sample[offset...]))
        let streamed = whole.streamed(nil, pieceByteCount: 1000)
        #expect(try await Self.all(streamed.stream(from: Int64(offset)), upTo: 4000) == Array(sample[offset...]))
        let part = whole.streamed(Int64(offset / 2)..<2500, pieceByteCount: 1000)
        #expect(try await Self.all(part.stream(from: Int64(offset)), upTo: 4000) == Array(sample[offset...]))
    }
}

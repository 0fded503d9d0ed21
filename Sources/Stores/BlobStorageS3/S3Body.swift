public import BlobStorage
import CZlib
import Crypto
import Foundation
public import NIOCore
import NIOPosix
import Outgoing

/// What is sent: bytes in memory, a stretch of a file, or a stream that can be gone through once.
public struct S3Body: Sendable {
    enum Content: Sendable {
        case buffers([ByteBuffer])
        case file(OpenFile, start: Int64)
        case stream(OutgoingBody)
    }

    let content: Content
    /// How many bytes it has.
    public let byteCount: Int64

    /// Whether it can be sent again, and be looked at before it is sent.
    var isRepeatable: Bool {
        if case .stream = content { return false }
        return true
    }

    /// No bytes.
    public static let empty = S3Body.buffers([])

    /// Bytes in memory.
    public static func bytes(_ bytes: some Sequence<UInt8>) -> S3Body { buffers([ByteBuffer(bytes: bytes)]) }

    /// Bytes in memory, in pieces.
    public static func buffers(_ buffers: [ByteBuffer]) -> S3Body {
        S3Body(content: .buffers(buffers), byteCount: buffers.reduce(0) { $0 + Int64($1.readableBytes) })
    }

    /// A stretch of a file, which must not change while it is sent.
    public static func file(_ file: OpenFile, start: Int64 = 0, byteCount: Int64) -> S3Body {
        S3Body(content: .file(file, start: start), byteCount: byteCount)
    }

    /// Chunks that can be gone through once: the request is never sent again, and the store is not told a checksum.
    public static func stream<Chunks: AsyncSequence & Sendable>(byteCount: Int64, _ chunks: Chunks) -> S3Body
    where Chunks.Element == ByteBuffer {
        S3Body(content: .stream(.stream(byteCount: byteCount, chunks)), byteCount: byteCount)
    }

    // MARK: - Sending

    /// The largest piece of a file that is held in memory.
    private static let pieceByteCount = 256 << 10
    /// Bytes in memory are sent in one piece up to this many.
    private static let smallByteCount: Int64 = 64 << 10

    /// Whether it is so small that looking at it costs nothing.
    var isSmall: Bool {
        guard case .buffers = content else { return false }
        return byteCount <= Self.smallByteCount
    }

    /// The body as it is sent once.
    var outgoing: OutgoingBody {
        switch content {
        case .buffers where byteCount == 0: .none
        case .buffers(let buffers) where isSmall: .bytes(buffers.flatMap { Array($0.readableBytesView) })
        case .buffers(let buffers): .stream(byteCount: byteCount, BufferChunks(buffers: buffers))
        case .file(let file, let start): .stream(byteCount: byteCount, FileChunks(file: file, start: start, byteCount))
        case .stream(let body): body
        }
    }

    /// What the bytes are known by, computed in one go over them.
    func sums(_ wanted: Set<S3Sum>) async throws -> S3Sums {
        var sums = S3Sums(wanted)
        guard !wanted.isEmpty else { return sums }
        switch content {
        case .buffers(let buffers) where isSmall:
            for buffer in buffers { buffer.withUnsafeReadableBytes { sums.update($0) } }
            return sums
        case .buffers(let buffers):
            let start = sums
            return try await NIOThreadPool.singleton.runIfActive {
                var sums = start
                for buffer in buffers { buffer.withUnsafeReadableBytes { sums.update($0) } }
                return sums
            }
        case .file(let file, let start):
            for try await piece in FileChunks(file: file, start: start, byteCount) {
                piece.withUnsafeReadableBytes { sums.update($0) }
            }
            return sums
        case .stream: return sums
        }
    }

    private struct BufferChunks: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        struct AsyncIterator: AsyncIteratorProtocol {
            var rest: ArraySlice<ByteBuffer>

            mutating func next() async -> ByteBuffer? { rest.popFirst() }
        }

        let buffers: [ByteBuffer]

        func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(rest: buffers.filter { $0.readableBytes > 0 }[...])
        }
    }

    private struct FileChunks: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        struct AsyncIterator: AsyncIteratorProtocol {
            let file: OpenFile
            var position: Int64
            let end: Int64

            mutating func next() async throws -> ByteBuffer? {
                guard position < end else { return nil }
                let (file, start) = (file, position)
                let count = Int(Swift.min(end - start, Int64(S3Body.pieceByteCount)))
                position += Int64(count)
                return try await NIOThreadPool.singleton.runIfActive { try file.bytes(at: start, byteCount: count) }
            }
        }

        let file: OpenFile
        let start: Int64
        let end: Int64

        init(file: OpenFile, start: Int64, _ byteCount: Int64) {
            self.file = file
            self.start = start
            end = start + byteCount
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, position: start, end: end) }
    }
}

/// A way in which bytes are known.
enum S3Sum: Hashable, Sendable {
    case sha256
    case md5
    case crc32
}

/// Running sums over the bytes of a body.
struct S3Sums: Sendable {
    private var sha256Running: SHA256?
    private var md5Running: Insecure.MD5?
    private var crc32Running: UInt?

    init(_ wanted: Set<S3Sum>) {
        sha256Running = wanted.contains(.sha256) ? SHA256() : nil
        md5Running = wanted.contains(.md5) ? Insecure.MD5() : nil
        crc32Running = wanted.contains(.crc32) ? CZlib.crc32(0, nil, 0) : nil
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha256Running?.update(bufferPointer: bytes)
        md5Running?.update(bufferPointer: bytes)
        guard var crc = crc32Running else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            crc = CZlib.crc32(crc, piece.bindMemory(to: UInt8.self).baseAddress, UInt32(piece.count))
            rest = rest.dropFirst(piece.count)
        }
        crc32Running = crc
    }

    /// SHA-256 as signatures have it.
    var sha256Hexadecimal: String? {
        sha256Running?.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// SHA-256 as header fields have it.
    var sha256: String? { sha256Running.map { Data($0.finalize()).base64EncodedString() } }

    /// MD5 as header fields have it.
    var md5: String? { md5Running.map { Data($0.finalize()).base64EncodedString() } }

    /// CRC-32 as header fields have it.
    var crc32: String? {
        crc32Running.map { crc in
            Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> $0) }).base64EncodedString()
        }
    }
}

import CZlib
import Dispatch
import Foundation
import Synchronization

/// gzip on all processors, in one member that any reader takes: the way of pigz.
///
/// The stream is cut into blocks of 256 KiB. Each is deflated on its own, with the 32 KiB before it as its dictionary,
/// and ended by a sync flush (an empty stored block), which brings it to a whole byte: so the results can be put one
/// behind the other. Where the cuts are does not depend on the number of processors, so the bytes do not either.
///
/// Memory: the blocks that are packed at once, four for each processor and at most 64, twice.
final class ParallelGzip: Packing {
    static let blockByteCount = 256 << 10
    private static let dictionaryByteCount = 32 << 10

    private let level: Int
    private let batchByteCount: Int
    /// What was not packed yet, behind the dictionary for its first block.
    private var waiting: [UInt8] = []
    private var dictionaryCount = 0
    private var check = crc32(0, nil, 0)
    private var byteCount: UInt64 = 0
    private var isBegun = false

    init(level: Int, processorCount: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.level = level
        batchByteCount = min(max(processorCount, 1) * 4, 64) * Self.blockByteCount
    }

    func pack(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        check = GzipPacking.check(check, bytes)
        byteCount += UInt64(bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            let used = min(rest.count, dictionaryCount + batchByteCount + 1 - waiting.count)
            waiting += UnsafeRawBufferPointer(rebasing: rest.prefix(used))
            rest = rest.dropFirst(used)
            // One byte more than a batch: then the last block of the batch is not the last of all.
            if waiting.count > dictionaryCount + batchByteCount { try packBatch(batchByteCount, isLast: false, body) }
        }
    }

    func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try packBatch(waiting.count - dictionaryCount, isLast: true, body)
        try GzipPacking.trailer(check, byteCount).withUnsafeBytes(body)
    }

    private func packBatch(
        _ count: Int,
        isLast: Bool,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if !isBegun {
            isBegun = true
            try GzipPacking.header(level: level).withUnsafeBytes(body)
        }
        let blockCount = max(1, (count + Self.blockByteCount - 1) / Self.blockByteCount)
        let results = Mutex<[Result<[UInt8], any Error>?]>(Array(repeating: nil, count: blockCount))
        let end = dictionaryCount + count
        let (level, first, waiting) = (level, dictionaryCount, waiting)
        DispatchQueue.concurrentPerform(iterations: blockCount) { number in
            let start = first + number * Self.blockByteCount
            let block = start..<min(start + Self.blockByteCount, end)
            let isEnd = isLast && number == blockCount - 1
            let result = Result { try Self.packed(waiting, block, level: level, isEnd: isEnd) }
            results.withLock { $0[number] = result }
        }
        for result in results.withLock({ $0 }) {
            let bytes = try result?.get() ?? []
            if !bytes.isEmpty { try bytes.withUnsafeBytes(body) }
        }
        let kept = max(0, end - Self.dictionaryByteCount)
        self.waiting.removeFirst(kept)
        dictionaryCount = end - kept
    }

    /// One block, deflated behind the bytes before it.
    private static func packed(_ all: [UInt8], _ block: Range<Int>, level: Int, isEnd: Bool) throws -> [UInt8] {
        let deflating = try Deflating(level: level)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(block.count / 2)
        try all.withUnsafeBytes { all in
            let dictionary = all[max(0, block.lowerBound - dictionaryByteCount)..<block.lowerBound]
            deflating.restart(after: UnsafeRawBufferPointer(rebasing: dictionary))
            let input = UnsafeRawBufferPointer(rebasing: all[block])
            try deflating.deflate(input, isEnd ? Z_FINISH : Z_SYNC_FLUSH) { bytes += $0 }
        }
        return bytes
    }
}

public import BlobStorage
import Synchronization

/// What a read cache has done since it was opened, and what it holds.
public struct CacheCounts: Sendable, Hashable {
    /// Blobs that were opened out of the cache.
    public var hits = 0
    /// Blobs that were opened and were not in the cache, or not verified since the start.
    public var misses = 0
    /// Downloads into the cache that were begun.
    public var fills = 0
    /// Files of an earlier run that were hashed when they were asked for first, or for the first time in a day.
    public var checks = 0
    /// Reads that went along with a download or a check that was under way.
    public var follows = 0
    /// Reads of what is not in the cache that went to the base: too large, too far ahead, or too many at once.
    public var bypasses = 0
    /// Downloads and checks that ended without a blob that could be kept.
    public var failures = 0
    /// Of these, such whose bytes did not have the digest; and files that were no longer what they had been.
    public var verificationFailures = 0
    /// Blobs that made room for others.
    public var evictions = 0
    /// Bytes that came out of the cache: a blob that was opened counts whole, whatever part of it was read then.
    public var servedByteCount = 0
    /// Bytes that were written into the cache.
    public var filledByteCount = 0
    /// Room that is taken now, in bytes: files in whole blocks of 4 KiB, downloads with what they will take.
    public var byteCount = 0
    /// Blobs that are in the cache now.
    public var blobCount = 0
    /// Downloads and checks that are under way now.
    public var activeCount = 0

    /// Nothing yet.
    public init() {}
}

/// What is counted where no lock is held.
final class CacheByteCounters: Sendable {
    let served = Atomic(0)
    let filled = Atomic(0)
}

/// Something that went wrong with a read cache: no request fails for it, and its operator should hear of it.
public struct CacheProblem: Sendable, Hashable, CustomStringConvertible {
    /// What went wrong; open, so that more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// The store behind gave bytes that do not have the digest: whoever went along got an error.
        public static let wrongBytes = Code("wrongBytes")
        /// A file in the cache was not what it should be, and was removed.
        public static let damagedFile = Code("damagedFile")
        /// The disk is full: the cache has made itself smaller.
        public static let diskFull = Code("diskFull")
        /// The disk failed: for a while nothing is put into the cache.
        public static let diskFailed = Code("diskFailed")
        /// The store behind broke off or gave nothing for too long: readers went on by themselves.
        public static let interrupted = Code("interrupted")
    }

    /// What went wrong.
    public var code: Code
    /// A sentence for the log.
    public var message: String

    /// Describes a problem.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the sentence.
    public var description: String { "\(code): \(message)" }
}

extension BlobStoreError.Code {
    /// The store has given bytes that do not have the digest: they end before they are complete.
    public static let damaged = BlobStoreError.Code("damaged")
}

import CLinux
import Glibc
import NIOCore

/// Questions about which parts of a file are in memory.
enum PageCache {
    /// Whether first and last byte of a range can be read without waiting for a disk.
    static func holds(_ descriptor: CInt, offset: Int64, byteCount: Int) -> Bool {
        isResident(descriptor, offset) && isResident(descriptor, offset + Int64(byteCount) - 1)
    }

    private static func isResident(_ descriptor: CInt, _ offset: Int64) -> Bool {
        var byte: UInt8 = 0
        let count = wharf_pread_nowait(descriptor, &byte, 1, off_t(offset))
        // A file system that cannot tell is taken at its word: it is then read as any file is.
        return count == 1 || (count < 0 && errno == EOPNOTSUPP)
    }

    /// Reads a range if that needs no wait; may return less than the whole, and nil when there is nothing at once.
    static func read(_ descriptor: CInt, offset: Int64, byteCount: Int) -> ByteBuffer? {
        var buffer = ByteBuffer()
        let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { raw in
            var count = wharf_pread_nowait(descriptor, raw.baseAddress, byteCount, off_t(offset))
            if count < 0, errno == EOPNOTSUPP { count = pread(descriptor, raw.baseAddress, byteCount, off_t(offset)) }
            return max(0, count)
        }
        return count > 0 ? buffer : nil
    }

    /// Reads a range, waiting for the disk.
    ///
    /// Nil when it cannot be read whole.
    static func readWhole(_ descriptor: CInt, offset: Int64, byteCount: Int) -> ByteBuffer? {
        var buffer = ByteBuffer()
        let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { raw in
            var done = 0
            while done < byteCount {
                let rest = raw.baseAddress.map { $0 + done }
                let count = pread(descriptor, rest, byteCount - done, off_t(offset) + off_t(done))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                done += count
            }
            return done
        }
        return count == byteCount ? buffer : nil
    }

    /// Brings a range into memory, waiting for the disk.
    ///
    /// False when it cannot be read whole.
    static func fetch(_ descriptor: CInt, offset: Int64, byteCount: Int) -> Bool {
        let scratchByteCount = 64 << 10
        return withUnsafeTemporaryAllocation(byteCount: scratchByteCount, alignment: 16) { scratch in
            var done = 0
            while done < byteCount {
                let wanted = min(scratchByteCount, byteCount - done)
                let count = pread(descriptor, scratch.baseAddress, wanted, off_t(offset) + off_t(done))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    /// Whether a file has no bytes at `end` - 1 any more.
    static func isShorter(_ descriptor: CInt, than end: Int64) -> Bool {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 && Int64(facts.st_size) < end
    }
}

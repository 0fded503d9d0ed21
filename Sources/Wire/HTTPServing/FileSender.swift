import CLinux
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends a part of a file as the body of an answer, a window at a time: the next one goes when the last is out.
///
/// On a plain connection a window goes to the socket with sendfile(2); elsewhere it is read into memory first. Pages that
/// are not in memory would block the event loop, so they are asked about (`RWF_NOWAIT`, preadv2(2)) and fetched by
/// another thread.
final class FileSender {
    /// The size of a window that goes by sendfile, in bytes: what an event loop does in one go.
    private static let regionByteCount = 1 << 20
    /// The size of a window that goes through memory, in bytes; a connection holds one at a time.
    private static let chunkByteCount = 256 << 10

    private let slice: FileSlice
    private unowned let handler: ExchangeHandler
    private let context: ChannelHandlerContext
    private let handle: NIOFileHandle?
    private var offset: Int64
    private(set) var windowsSent = 0

    private var end: Int64 { slice.offset + slice.byteCount }

    init(_ slice: FileSlice, handler: ExchangeHandler, context: ChannelHandlerContext) {
        self.slice = slice
        self.handler = handler
        self.context = context
        offset = slice.offset
        handle =
            handler.transport == .plain
            ? NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: slice.descriptor) : nil
    }

    deinit {
        // The descriptor is the slice's, not the handle's.
        _ = try? handle?.takeDescriptorOwnership()
    }

    func start() {
        sendNext()
    }

    private func sendNext() {
        guard handler.sender === self else { return }
        guard offset < end else { return handler.finish(context) }
        if let handle { sendRegion(handle) } else { sendChunk() }
    }

    // MARK: sendfile

    private func sendRegion(_ handle: NIOFileHandle) {
        let count = Int(min(Int64(Self.regionByteCount), end - offset))
        guard PageCache.holds(slice.descriptor, offset: offset, byteCount: count) else {
            let (descriptor, offset, owner) = (slice.descriptor, offset, slice.owner)
            return inBackground { sender in
                sender.writeRegion(handle, count)
            } work: {
                withExtendedLifetime(owner) { PageCache.fetch(descriptor, offset: offset, byteCount: count) }
            }
        }
        writeRegion(handle, count)
    }

    private func writeRegion(_ handle: NIOFileHandle, _ count: Int) {
        let region = FileRegion(fileHandle: handle, readerIndex: Int(offset), endIndex: Int(offset) + count)
        write(.fileRegion(region), count)
    }

    // MARK: Through memory

    private func sendChunk() {
        let count = Int(min(Int64(Self.chunkByteCount), end - offset))
        if let chunk = PageCache.read(slice.descriptor, offset: offset, byteCount: count) {
            return write(.byteBuffer(chunk), chunk.readableBytes)
        }
        let (descriptor, offset, owner) = (slice.descriptor, offset, slice.owner)
        inBackground { sender in
            sender.sendChunk()
        } work: {
            withExtendedLifetime(owner) { PageCache.fetch(descriptor, offset: offset, byteCount: count) }
        }
    }

    // MARK: Both

    private func write(_ data: IOData, _ count: Int) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { result in
            switch result {
            case .success: bound.value.wasSent(count)
            case .failure: bound.value.context.close(promise: nil)
            }
        }
        context.writeAndFlush(handler.wrapOutboundOut(.body(data)), promise: promise)
    }

    private func wasSent(_ count: Int) {
        offset += Int64(count)
        windowsSent += 1
        sendNext()
    }

    /// Does `work` on another thread and then `next` here; when the work fails the connection ends, since the header
    /// with the length is out already.
    private func inBackground(_ next: @escaping (FileSender) -> Void, work: @escaping @Sendable () -> Bool) {
        let bound = NIOLoopBound((self, next), eventLoop: context.eventLoop)
        handler.serving.threads.runIfActive(eventLoop: context.eventLoop, work).whenComplete { result in
            let (sender, next) = bound.value
            guard sender.handler.sender === sender else { return }
            if case .success(true) = result { next(sender) } else { sender.context.close(promise: nil) }
        }
    }
}

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
        buffer.reserveCapacity(byteCount)
        let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { raw in
            var count = wharf_pread_nowait(descriptor, raw.baseAddress, byteCount, off_t(offset))
            if count < 0, errno == EOPNOTSUPP { count = pread(descriptor, raw.baseAddress, byteCount, off_t(offset)) }
            return max(0, count)
        }
        return count > 0 ? buffer : nil
    }

    /// Brings a range into memory, waiting for the disk. False when it cannot be read whole.
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
}

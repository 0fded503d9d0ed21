import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends the body of an answer, a window at a time: the next one goes when the last is out, so that a connection holds
/// one window in memory however slowly its client reads, and it shows whether the client reads at all.
///
/// On a plain connection a window of a file goes to the socket with sendfile(2); elsewhere it is read into memory
/// first. Pages that are not in memory would block the event loop, so they are asked about (`RWF_NOWAIT`, preadv2(2))
/// and fetched by another thread.
final class BodySender {
    /// What is sent.
    enum Content {
        case bytes(ByteBuffer)
        case file(FileSlice)
        case stream(any ResponseStream, byteCount: Int64)
    }

    /// The size of a window that goes by sendfile, in bytes: what an event loop does in one go.
    private static let regionByteCount = 1 << 20
    /// The sizes of a window that goes through memory, in bytes: the smaller, the more there are at once.
    static let chunkByteCounts = (16 << 10)...(256 << 10)

    private let content: Content
    private unowned let handler: ExchangeHandler
    private let context: ChannelHandlerContext
    private let handle: NIOFileHandle?
    private let budget: BodyBudget
    private var offset: Int64
    private let end: Int64
    private(set) var windowsSent = 0
    /// Whether it waits for a disk or another server, which is not the client's fault.
    private(set) var isFetching = false
    private var fetch: Task<Void, Never>?

    init(_ content: Content, handler: ExchangeHandler, context: ChannelHandlerContext) {
        self.content = content
        self.handler = handler
        self.context = context
        budget = handler.serving.sendBudget
        switch content {
        case .bytes(let bytes):
            offset = 0
            end = Int64(bytes.readableBytes)
            handle = nil
        case .stream(_, let byteCount):
            offset = 0
            end = byteCount
            handle = nil
        case .file(let slice):
            offset = slice.offset
            end = slice.offset + slice.byteCount
            handle =
                handler.transport == .plain
                ? NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: slice.descriptor) : nil
        }
        if handle == nil { budget.enter() }
    }

    deinit {
        if handle == nil { budget.leave() }
        // The descriptor is the slice's, not the handle's.
        _ = try? handle?.takeDescriptorOwnership()
    }

    /// Whether the file has become shorter than what was announced.
    ///
    /// A socket that is to take bytes that are not there is tried again and again, and says nothing.
    var isCutShort: Bool {
        guard case .file(let slice) = content else { return false }
        return PageCache.isShorter(slice.descriptor, than: end)
    }

    func start() {
        sendNext()
    }

    /// Gives up what is under way: the connection is gone.
    func cancel() {
        fetch?.cancel()
    }

    private func sendNext() {
        guard offset < end else { return handler.finish(context) }
        switch content {
        case .bytes(let bytes):
            let count = count(atMost: budget.batchByteCount)
            let chunk = bytes.getSlice(at: bytes.readerIndex + Int(offset), length: count) ?? ByteBuffer()
            write(.byteBuffer(chunk), count)
        case .file(let slice):
            if let handle { sendRegion(slice, handle) } else { sendChunk(slice) }
        case .stream(let stream, _):
            sendPiece(of: stream)
        }
    }

    private func count(atMost byteCount: Int) -> Int {
        Int(min(Int64(byteCount), end - offset))
    }

    // MARK: sendfile

    private func sendRegion(_ slice: FileSlice, _ handle: NIOFileHandle) {
        let (count, offset) = (count(atMost: Self.regionByteCount), offset)
        guard !PageCache.holds(slice.descriptor, offset: offset, byteCount: count) else {
            return writeRegion(handle, count)
        }
        inBackground { sender, _ in
            sender.writeRegion(handle, count)
        } work: {
            PageCache.fetch(slice.descriptor, offset: offset, byteCount: count) ? () : nil
        }
    }

    private func writeRegion(_ handle: NIOFileHandle, _ count: Int) {
        let region = FileRegion(fileHandle: handle, readerIndex: Int(offset), endIndex: Int(offset) + count)
        write(.fileRegion(region), count)
    }

    // MARK: Through memory

    private func sendChunk(_ slice: FileSlice) {
        let (count, offset) = (count(atMost: budget.batchByteCount), offset)
        if let chunk = PageCache.read(slice.descriptor, offset: offset, byteCount: count) {
            return write(.byteBuffer(chunk), chunk.readableBytes)
        }
        inBackground { sender, chunk in
            sender.write(.byteBuffer(chunk), count)
        } work: {
            PageCache.readWhole(slice.descriptor, offset: offset, byteCount: count)
        }
    }

    // MARK: From elsewhere

    private func sendPiece(of stream: any ResponseStream) {
        let count = count(atMost: budget.batchByteCount)
        let (loop, serving) = (context.eventLoop, handler.serving)
        let bound = NIOLoopBound(self, eventLoop: loop)
        isFetching = true
        serving.taskBegan()
        fetch = Task.immediate(executorPreference: LoopExecutor(loop)) {
            defer { serving.taskEnded() }
            let piece = try? await stream.next(upTo: count)
            if loop.inEventLoop {
                bound.value.received(piece)
            } else {
                loop.execute { bound.value.received(piece) }
            }
        }
    }

    /// Sends a piece on, unless there is none or it is more than what was announced: then the connection ends.
    private func received(_ piece: [ByteBuffer]?) {
        isFetching = false
        guard handler.sender === self else { return }
        var whole = ByteBuffer()
        for var buffer in piece ?? [] { whole.writeBuffer(&buffer) }
        let count = whole.readableBytes
        guard count > 0, Int64(count) <= end - offset else { return context.close(promise: nil) }
        write(.byteBuffer(whole), count)
    }

    // MARK: All

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
        guard handler.sender === self else { return }
        offset += Int64(count)
        windowsSent += 1
        handler.exchange?.bytesSent += count
        sendNext()
    }

    /// Does `work` on another thread and then `next` here; when the work gives nothing the connection ends, since the
    /// header with the length is out already.
    private func inBackground<Fetched: Sendable>(
        _ next: @escaping (BodySender, Fetched) -> Void,
        work: @escaping @Sendable () -> Fetched?
    ) {
        isFetching = true
        let bound = NIOLoopBound((self, next), eventLoop: context.eventLoop)
        handler.serving.threads.runIfActive(eventLoop: context.eventLoop, work).whenComplete { result in
            let (sender, next) = bound.value
            sender.isFetching = false
            guard sender.handler.sender === sender else { return }
            if case .success(let fetched?) = result {
                next(sender, fetched)
            } else {
                sender.context.close(promise: nil)
            }
        }
    }
}

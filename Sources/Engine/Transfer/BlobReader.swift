import Hashing
import NIOCore
import OCI
import RegistryContract
import Synchronization

/// A blob on its way from the source: checked as it passes, opened again where it breaks, and read again where the
/// target lost some of it.
///
/// Each byte is hashed once, when it comes for the first time. The batch with the last one is given out only when size
/// and digest are right, so nobody ever gets the whole of a wrong blob. The exception is an attempt that begins behind
/// what was seen here, because an earlier program has sent the beginning: from files the beginning is read all the
/// same, and hashed; from a registry it is not asked for again, and the target alone compares the whole.
final class BlobReader: Sendable {
    fileprivate struct State {
        /// The attempt that may read; an older one, whose request may still be about to end, may not.
        var attempt = 0
        /// The next byte to give out.
        var position: Int64 = 0
        /// The next byte that comes: before `position` where the beginning is only hashed.
        var arrival: Int64 = 0
        var hash: ContentHash
        /// Whether bytes before `arrival` were never seen here.
        var isGapped = false
        var stream: (any ByteStream)?
        /// Whether `stream` brings its bytes over a network.
        var isFromAfar = false
        /// Whether somebody waits for `stream`: what it gives then may be for an attempt that is over.
        var isReading = false
        /// What was under way when the target lost some bytes before it: read on from there once those came again.
        var later: (stream: any ByteStream, position: Int64)?
        /// The parts that the first attempt reads; whoever comes after a failure reads without.
        var parts: BlobParts?
        /// Failures since a byte came.
        var failureCount = 0
        var fault: (any Error)?
        var sentByteCount: Int64 = 0
        /// How far the observer knows it to be.
        var toldPosition: Int64 = 0
    }

    /// Progress is told in steps of so many bytes.
    private static let toldByteCount: Int64 = 512 << 10

    private let run: CopyRun
    private let blob: Descriptor
    private let advanced: @Sendable (Int64) -> Void
    private let state: Mutex<State>

    init(run: CopyRun, blob: Descriptor, advanced: @escaping @Sendable (Int64) -> Void) {
        self.run = run
        self.blob = blob
        self.advanced = advanced
        state = Mutex(State(hash: ContentHash(blob.digest.algorithm)))
    }

    /// Why the source did not give the blob, when it did not.
    var fault: (any Error)? { state.withLock { $0.fault } }

    /// All bytes that were given out, again and again.
    var sentByteCount: Int64 { state.withLock { $0.sentByteCount } }

    /// How far the blob was seen, here or by who began its upload.
    var seenByteCount: Int64 { state.withLock { max($0.hash.byteCount, $0.position) } }

    /// Tells that the target has the beginning of the blob.
    func skip(to position: Int64) {
        let advance = state.withLock { state in
            defer { state.toldPosition = position }
            return position - state.toldPosition
        }
        if advance != 0 { advanced(advance) }
    }

    /// Has the first attempt read parts.
    func begin(with parts: BlobParts) {
        state.withLock { $0.parts = parts }
    }

    /// The blob from where the target stands, for one more attempt.
    func attempt(from position: Int64) -> any ByteStream {
        let (number, advance, isFirst, unused) = state.withLock { state in
            let isFirst = position == 0 && state.hash.byteCount == 0 && state.attempt == 0
            state.attempt += 1
            state.leave(at: position, of: blob.size)
            state.stream = isFirst ? state.parts : nil
            (state.position, state.arrival) = (position, position)
            state.isGapped = state.hash.byteCount < position
            defer { state.toldPosition = position }
            return (state.attempt, position - state.toldPosition, isFirst, isFirst ? nil : state.parts)
        }
        unused?.stop()
        if advance != 0 { advanced(advance) }
        let rest = blob.size - position
        let attempt = Attempt(reader: self, number: number, declaredByteCount: rest)
        return isFirst ? FirstAttempt(attempt: attempt, verifiedDigest: blob.digest) : attempt
    }

    /// The blob from somewhere on, of which some bytes may have been hashed before and are not again.
    private struct Attempt: ByteStream {
        let reader: BlobReader
        let number: Int
        let declaredByteCount: Int64?

        /// Half a MiB: what is hashed is still near when it is sent on.
        var batchByteCount: Int { 512 << 10 }

        func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
            try await reader.next(upTo: byteCount, in: number)
        }
    }

    /// The blob from its first byte, all of it hashed on the way.
    private struct FirstAttempt: VerifiedByteStream {
        let attempt: Attempt
        let verifiedDigest: Digest

        var declaredByteCount: Int64? { attempt.declaredByteCount }
        var batchByteCount: Int { attempt.batchByteCount }

        func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
            try await attempt.next(upTo: byteCount)
        }
    }

    /// The next bytes, checked; nil after the last one.
    private func next(upTo byteCount: Int, in attempt: Int) async throws -> [ByteBuffer]? {
        while true {
            do {
                return try await nextOnce(upTo: byteCount, in: attempt)
            } catch {
                try await recover(from: error, in: attempt)
            }
        }
    }

    private func nextOnce(upTo byteCount: Int, in attempt: Int) async throws -> [ByteBuffer]? {
        while true {
            let (position, opened) = try state.withLock { state in
                guard state.attempt == attempt else { throw CancellationError() }
                guard state.position < blob.size else { return (state.position, nil as (any ByteStream)?) }
                return (state.position, state.take())
            }
            if position == blob.size {
                // A blob of no bytes has a digest too.
                if blob.size == 0 { try state.withLock { try check($0.hash) } }
                return nil
            }
            let stream = if let opened { opened } else { try await open(at: position, in: attempt) }
            guard let batch = try await stream.next(upTo: byteCount) else {
                throw RegistryError(
                    .unavailable,
                    "the registry sent \(position) bytes of \(blob.size) and then no more: try again"
                )
            }
            let wanted = try accept(batch, in: attempt)
            if !wanted.isEmpty { return wanted }
        }
    }

    private func open(at position: Int64, in attempt: Int) async throws -> any ByteStream {
        let end = state.withLock { state in
            guard state.attempt == attempt, let later = state.later, later.position > position else { return blob.size }
            return later.position
        }
        let range: Range<Int64>? = position == 0 && end == blob.size ? nil : position..<end
        let content = try await run.source.registry.blob(
            blob.digest,
            of: blob.size,
            range: range,
            in: run.source.repository
        )
        guard content.byteCount == blob.size else { throw Wrong(wrongSize(content.byteCount)) }
        guard content.range.lowerBound <= position, [end, blob.size].contains(content.range.upperBound) else {
            throw RegistryError(.unavailable, "the registry gave another part of the blob than it was asked for")
        }
        return state.withLock { state in
            var start = position
            if state.hash.byteCount < position, content.range.lowerBound == 0, content.source.isAtHand {
                start = state.hash.byteCount
            }
            let stream = content.stream(from: start)
            guard state.attempt == attempt else { return stream }
            (state.stream, state.arrival) = (stream, start)
            (state.isFromAfar, state.isReading) = (!content.source.isAtHand, true)
            if content.range.upperBound == blob.size { state.later = nil }
            state.isGapped = state.hash.byteCount < start
            return stream
        }
    }

    /// Hashes what is new of a batch, and gives back what of it is to be given out.
    private func accept(_ batch: [ByteBuffer], in attempt: Int) throws -> [ByteBuffer] {
        let (wanted, advance) = try state.withLock { state in
            guard state.attempt == attempt else { throw CancellationError() }
            state.isReading = false
            var wanted: [ByteBuffer] = []
            for var buffer in batch {
                let count = Int64(buffer.readableBytes)
                guard state.arrival + count <= blob.size else { throw Wrong(wrongSize(nil)) }
                if !state.isGapped {
                    // What comes again was hashed before.
                    let known = min(max(0, state.hash.byteCount - state.arrival), count)
                    buffer.withUnsafeReadableBytes { bytes in
                        state.hash.update(UnsafeRawBufferPointer(rebasing: bytes[Int(known)...]))
                    }
                }
                buffer.moveReaderIndex(forwardBy: Int(min(max(0, state.position - state.arrival), count)))
                state.arrival += count
                if buffer.readableBytes > 0 { wanted.append(buffer) }
            }
            if state.arrival == blob.size, !state.isGapped { try check(state.hash) }
            state.failureCount = 0
            guard state.arrival > state.position else { return (wanted, Int64(0)) }
            state.sentByteCount += state.arrival - state.position
            state.position = state.arrival
            let advance = state.position - state.toldPosition
            guard state.position == blob.size || advance >= Self.toldByteCount else { return (wanted, 0) }
            state.toldPosition = state.position
            return (wanted, advance)
        }
        if advance != 0 { advanced(advance) }
        return wanted
    }

    private func check(_ hash: ContentHash) throws {
        let actual = hash.digest()
        guard actual == blob.digest else {
            throw Wrong(
                RegistryError(
                    .digestMismatch,
                    "the registry sent other bytes, whose digest is \(actual): what it has may be damaged",
                    digests: [blob.digest]
                )
            )
        }
    }

    private func wrongSize(_ found: Int64?) -> RegistryError {
        let said = found.map { "the registry has \($0)" } ?? "the registry sends more"
        return RegistryError(
            .sizeInvalid,
            "the manifest says that it has \(blob.size) bytes, and \(said): one of them is wrong",
            digests: [blob.digest]
        )
    }

    // MARK: Failures

    /// What no repetition mends.
    private struct Wrong: Error {
        var error: RegistryError

        init(_ error: RegistryError) {
            self.error = error
        }
    }

    /// Waits for another try, or throws what the failure was.
    private func recover(from error: any Error, in attempt: Int) async throws {
        let isFinal = error is Wrong || error is CancellationError || Task.isCancelled || error.isFinal
        let (number, unused) = try state.withLock { state in
            guard state.attempt == attempt else { throw CancellationError() }
            (state.stream, state.isReading) = (nil, false)
            state.failureCount += 1
            return (state.failureCount, state.parts)
        }
        unused?.stop()
        do {
            guard !isFinal, number < run.options.retry.triesMax else { throw (error as? Wrong)?.error ?? error }
            try await run.options.retry.wait(afterFailure: number)
        } catch {
            state.withLock { if $0.attempt == attempt { $0.fault = error } }
            throw error
        }
    }
}

extension BlobReader.State {
    /// The stream to read from, if there is one; it is being read from then on.
    fileprivate mutating func take() -> (any ByteStream)? {
        if let later, arrival == later.position {
            (stream, isFromAfar, self.later) = (later.stream, true, nil)
        }
        isReading = stream != nil
        return stream
    }

    /// Ends an attempt; the next one begins at a position.
    ///
    /// What is under way from afar behind it stays: the few bytes that the target lost are all that comes again.
    fileprivate mutating func leave(at position: Int64, of byteCount: Int64) {
        if let later, later.position < position { self.later = nil }
        if later == nil, isFromAfar, !isReading, let stream, (position..<byteCount).contains(arrival) {
            later = (stream, arrival)
        }
        isReading = false
    }
}

extension BlobContent.Source {
    /// Whether its bytes cost no transfer.
    fileprivate var isAtHand: Bool {
        if case .stream = self { false } else { true }
    }
}

extension Error {
    /// Whether the same call will fail again, however often it is made.
    var isFinal: Bool {
        guard let error = self as? RegistryError else { return false }
        return ![.unavailable, .tooManyRequests, .uploadOffsetInvalid, .uploadUnknown].contains(error.code)
    }
}

import BlobStorage
import Hashing
import NIOCore
import OCI
import Synchronization

// What happens while the cache is run.
extension CachingBlobStore {
    /// How many bytes are written, or hashed, in one piece.
    private static var stride: Int { 256 << 10 }

    /// Downloads and checks what reads ask for, until the task is cancelled.
    ///
    /// Readers that follow something then go on from the base. It runs once at a time: where it runs already, it
    /// returns at once. It may be run again.
    public func run() async {
        guard let requests = index.withLock({ $0.begin() }) else { return }
        await withDiscardingTaskGroup { fills in
            for await fill in requests { fills.addTask { await self.perform(fill) } }
            index.withLock { $0.end() }
        }
        // What was asked for and no longer begun.
        for fill in index.withLock({ Array($0.active.values) }) {
            await remove(fill.evicted)
            await end(fill, FillFailure(.stopped, "the server stops"))
        }
    }

    private func perform(_ fill: CacheFill) async {
        if let failure = await racing(fill, { await self.fill(fill) }) { return await end(fill, failure) }
        if case .base = fill.source, let failure = await keep(fill) {
            return await end(fill, failure, mayHaveName: true)
        }
        guard index.withLock({ $0.settle(fill, as: .verified(at: now)) }) else {
            // The blob was removed meanwhile.
            return await end(fill, FillFailure(.stopped, "the blob was removed"), mayHaveName: true)
        }
    }

    /// Runs `body` until it ends, or the fill has not moved for too long: then its readers need not wait for the end.
    private func racing(
        _ fill: CacheFill,
        _ body: @escaping @Sendable () async -> FillFailure?
    ) async -> FillFailure? {
        await withTaskGroup(of: FillFailure?.self) { group in
            group.addTask { await body() }
            group.addTask { await self.stall(of: fill) }
            let failure = await group.next() ?? nil
            if let failure, failure.reason == .stalled {
                index.withLock { $0.disown(fill) }
                fill.fail(failure)
            }
            group.cancelAll()
            return failure
        }
    }

    private func stall(of fill: CacheFill) async -> FillFailure {
        var reached = fill.reached
        while (try? await clock.sleep(for: limits.stallDuration)) != nil {
            let before = reached
            reached = fill.reached
            guard reached > before else {
                return FillFailure(.stalled, "nothing came for \(limits.stallDuration) at byte \(reached)")
            }
        }
        return FillFailure(.stopped, "the server stops")
    }

    // MARK: - The two kinds

    /// Downloads or checks all of it, and compares the digest; returns what is wrong.
    private func fill(_ fill: CacheFill) async -> FillFailure? {
        guard await remove(fill.evicted) else {
            return FillFailure(.disk, "the files that should make room cannot be removed")
        }
        do {
            let hash =
                switch fill.source {
                case .base: try await download(fill)
                case .file: try await check(fill)
                }
            let actual = hash.digest()
            guard actual == fill.name.digest else {
                return FillFailure(.wrongBytes, "the bytes have the digest \(actual)")
            }
            fill.verify()
            return nil
        } catch let failure as FillFailure {
            return failure
        } catch {
            guard !Task.isCancelled else { return FillFailure(.stopped, "the server stops") }
            return FillFailure(.base, "\(error)")
        }
    }

    private func download(_ fill: CacheFill) async throws -> ContentHash {
        let file = try await onDisk {
            try await folder.make(fill.temporary, byteCount: fill.byteCount, reserve: limits.reserveByteCount)
        }
        fill.begin(file)
        let bytes = try await fill.origin.read(0..<fill.byteCount)
        var hash = ContentHash(fill.name.digest.algorithm)
        while let batch = try await bytes.next(upTo: Self.stride) {
            let before = hash
            let count = batch.reduce(0) { $0 + Int64($1.readableBytes) }
            guard count > 0 else { throw FillFailure(.base, "an empty piece came") }
            guard count <= fill.byteCount - before.byteCount else {
                throw FillFailure(.wrongBytes, "more than \(fill.byteCount) bytes come")
            }
            hash = try await onDisk {
                try await folder.write(batch, to: file, of: fill.temporary, after: before)
            }
            self.bytes.filled.add(Int(count), ordering: .relaxed)
            fill.advance(to: hash.byteCount)
        }
        guard hash.byteCount == fill.byteCount else {
            throw FillFailure(.base, "\(hash.byteCount) of \(fill.byteCount) bytes came")
        }
        return hash
    }

    private func check(_ fill: CacheFill) async throws -> ContentHash {
        var hash = ContentHash(fill.name.digest.algorithm)
        do {
            let file = try await folder.open(fill.name, byteCount: fill.byteCount)
            fill.begin(file)
            while hash.byteCount < fill.byteCount {
                try Task.checkCancellation()
                let count = min(Int64(Self.stride), fill.byteCount - hash.byteCount)
                hash = try await folder.hash(file, fill.name, after: hash, byteCount: Int(count))
                fill.advance(to: hash.byteCount)
            }
            return hash
        } catch is CancellationError {
            throw FillFailure(.stopped, "the server stops")
        } catch {
            throw FillFailure(.wrongBytes, "\(error)")
        }
    }

    private func keep(_ fill: CacheFill) async -> FillFailure? {
        do {
            try await onDisk { try await folder.keep(fill.temporary, as: fill.name) }
            return nil
        } catch let failure as FillFailure {
            return failure
        } catch {
            return FillFailure(.disk, "\(error)")
        }
    }

    /// Says what is wrong with the disk of the cache as the failure of a fill.
    private func onDisk<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as SystemCallError {
            throw FillFailure(error.isFull ? .full : .disk, "\(error)")
        } catch {
            throw FillFailure(.disk, "\(error)")
        }
    }

    // MARK: - Ends that nobody wants

    /// Ends a fill that leaves nothing in the cache, with its file.
    private func end(_ fill: CacheFill, _ failure: FillFailure, mayHaveName: Bool = false) async {
        if case .file = fill.source, failure.reason == .stopped,
            index.withLock({ $0.settle(fill, as: .unverified) })
        {
            return fill.fail(failure)
        }
        index.withLock { $0.disown(fill) }
        // Who follows a download goes on at once. Who waits for a check is told when the bad file is gone, and then
        // the next download can begin.
        if case .base = fill.source { fill.fail(failure) }
        let rest = await removeFiles(of: fill, mayHaveName: mayHaveName)
        index.withLock { $0.release(fill, leaving: rest) }
        fill.fail(failure)
        await account(for: failure, of: fill)
    }

    /// Removes what a fill has in the folder; returns what could not be.
    private func removeFiles(of fill: CacheFill, mayHaveName: Bool) async -> CacheIndex.Rest {
        if case .base = fill.source {
            let isGone = await folder.remove(fill.temporary)
            guard isGone || !fill.hasFile else { return .temporary }
            guard mayHaveName else { return .nothing }
        }
        let kept = await folder.remove([fill.name])
        opened.forget(fill.name)
        return kept.isEmpty ? .nothing : .blob
    }

    private func account(for failure: FillFailure, of fill: CacheFill) async {
        guard failure.reason != .stopped else { return }
        index.withLock { $0.counts.failures += 1 }
        switch failure.reason {
        case .wrongBytes:
            index.withLock { $0.counts.verificationFailures += 1 }
            report(fill.source == .base ? .wrongBytes : .damagedFile, fill.name, failure.message)
        case .full:
            await remove(index.withLock { $0.shrink(at: now) })
            report(.diskFull, fill.name, failure.message)
        case .disk:
            index.withLock { $0.pause(at: now) }
            report(.diskFailed, fill.name, failure.message)
        case .base, .stalled:
            report(.interrupted, fill.name, failure.message)
        case .stopped: break
        }
    }
}

import Hashing
import NIOCore
import OCI
import RegistryContract

/// The copy of one blob: looked for at the target, mounted there, or sent.
struct BlobCopy: Sendable {
    let run: CopyRun
    let record: CopyRecord
    let blob: Descriptor
    /// Whether this is the first mention of the blob in the copy: the others are neither told nor counted.
    private let isFirst: Bool

    init(run: CopyRun, record: CopyRecord, blob: Descriptor) {
        self.run = run
        self.record = record
        self.blob = blob
        isFirst = record.plan(blob.digest)
    }

    private var content: String { "blob \(blob.digest)" }

    /// Tells that the blob belongs to the copy.
    func plan() {
        if isFirst { run.observer.planned(blob) }
    }

    /// Sees to it that the target has the blob.
    func bring() async throws {
        _ = try await run.session.blobs.once(run.target.key(blob.digest)) {
            // Who brings it need not be who has mentioned it first.
            record.end(blob, try await settle())
        }
        guard isFirst else { return }
        run.observer.finished(blob, record.outcome(of: blob))
    }

    private func settle() async throws -> BlobOutcome {
        if blob.mediaType?.isNonDistributable ?? false, !run.options.copiesNonDistributable { return .leftOut }
        let there = try await sizeThere()
        if let size = there {
            // Whoever was cut off, or has been written to, has other bytes under the same name.
            if size == blob.size, try await isTrusted() { return found(.skipped) }
        } else if try await isMounted() {
            return found(.mounted)
        }
        do {
            try await run.session.blobSlots.with { try await send() }
            if there != nil { try await demandMended() }
        } catch let error as TransferError
            where error.code == .blobUnknown && error.side == .reading && !blob.urls.isEmpty
        {
            // The manifest says where else it lies, and the registry need not have it.
            return .leftOut
        }
        return found(.copied)
    }

    private func found(_ outcome: BlobOutcome) -> BlobOutcome {
        run.session.settle(blob.digest, at: run.target)
        return outcome
    }

    /// The size of the blob at the target; nil where it has none.
    private func sizeThere() async throws -> Int64? {
        try await run.writing(content) {
            try await run.session.questionSlots.with {
                try await CopyRun.unlessUnknown {
                    try await run.target.registry.blobByteCount(blob.digest, in: run.target.repository)
                }
            }
        }
    }

    /// Throws where the target has taken the blob anew and keeps the damaged one: many take bytes under a digest that
    /// they have for the same.
    private func demandMended() async throws {
        try await run.writing(content) { try await run.demandUndamaged(blob) }
        guard run.options.verifiesWhatIsThere, try await !isWhole() else { return }
        try await run.writing(content) {
            throw RegistryError(
                .digestMismatch,
                "the registry keeps other bytes under this digest, and takes no others in their place. "
                    + "Its operator has to delete the blob",
                digests: [blob.digest]
            )
        }
    }

    /// Whether what the target has may stay: read again and compared, where that was asked for.
    ///
    /// What it says to have and does not give is sent anew; whether that has mended it is looked at afterwards.
    private func isTrusted() async throws -> Bool {
        guard run.options.verifiesWhatIsThere else { return true }
        do {
            return try await isWhole()
        } catch let error as TransferError where error.underlying.isOfUnreadableBlob {
            return false
        }
    }

    /// Whether the bytes that the target gives are those of the blob.
    private func isWhole() async throws -> Bool {
        try await run.session.blobSlots.with {
            try await run.writing(content) {
                let there = try await run.target.registry.blob(blob.digest, in: run.target.repository)
                let stream = there.stream()
                var hash = ContentHash(blob.digest.algorithm)
                while hash.byteCount <= blob.size, let batch = try await stream.next(upTo: stream.batchByteCount) {
                    for buffer in batch { buffer.withUnsafeReadableBytes { hash.update($0) } }
                }
                return hash.digest() == blob.digest
            }
        }
    }

    // MARK: Mounting

    /// Repositories of the target's registry that have the blob, or may have it.
    private var mountSources: [RepositoryName] {
        var names: [RepositoryName] = []
        if run.source.registryName == run.target.registryName { names.append(run.source.repository) }
        if let home = run.session.home(of: blob.digest, in: run.target.registryName) { names.append(home) }
        names += run.options.mountSources
        var seen: Set<RepositoryName> = [run.target.repository]
        return Array(names.filter { seen.insert($0).inserted }.prefix(TransferOptions.mountSourceCountMax))
    }

    private func isMounted() async throws -> Bool {
        for name in mountSources {
            // A registry that does not mount, or not for this caller, is sent the bytes.
            let isMounted = try await run.writing(content) {
                try await run.session.questionSlots.with {
                    try await CopyRun.unlessUnknown {
                        try await run.target.registry.mountBlob(
                            blob.digest,
                            from: .repository(name),
                            into: run.target.repository
                        )
                    }
                }
            }
            if isMounted ?? false { return true }
        }
        return false
    }

    // MARK: Sending

    /// Sends a blob that the target said to have and has not.
    func sendAgain() async throws {
        try await run.session.blobSlots.with { try await send() }
        record.end(blob, .copied)
    }

    private func send() async throws {
        run.observer.started(blob)
        let reader = BlobReader(run: run, blob: blob) { byteCount in
            run.observer.advanced(blob, by: byteCount)
        }
        defer { record.note { $0.sentByteCount += reader.sentByteCount } }
        do {
            let upload = BlobUpload(run: run, blob: blob, reader: reader)
            if let parts = try await parts() {
                reader.begin(with: parts)
                try await upload.send(fetching: parts)
            } else {
                try await upload.send()
            }
        } catch {
            if let fault = reader.fault { throw run.failure(fault, .reading, content) }
            throw run.failure(error, .writing, content)
        }
    }

    /// The blob in parts that are fetched at the same time, where that is wanted and the source gives parts.
    private func parts() async throws -> BlobParts? {
        let options = run.options
        let isWanted =
            options.partsInParallelMax > 1 && blob.size >= options.partedByteCountMin
            && run.session.blobSlots.used < run.session.blobSlots.total
        let partByteCount = min(max(options.partByteCount, 64 << 10), TransferSession.partByteCountMax / 2)
        guard isWanted, blob.size > partByteCount else { return nil }
        let range = 0..<Int64(partByteCount)
        // When it fails, the whole is asked for, and that failure is told.
        let (registry, repository) = (run.source.registry, run.source.repository)
        guard let opened = try? await registry.blob(blob.digest, of: blob.size, range: range, in: repository),
            opened.byteCount == blob.size, opened.range == range, case .stream(let first) = opened.source
        else { return nil }
        return BlobParts(
            first: first,
            byteCount: blob.size,
            partByteCount: partByteCount,
            window: options.partsInParallelMax - 1,
            memory: run.session.partBytes
        )
    }
}

extension Error {
    /// Whether a blob that is there cannot be read, by what its registry said or its disk: not that nobody may.
    fileprivate var isOfUnreadableBlob: Bool {
        if self is FileStream.Failure { return true }
        guard let error = self as? RegistryError else { return false }
        return [.blobUnknown, .nameUnknown, .unavailable, .sizeInvalid, .digestMismatch].contains(error.code)
    }
}

extension BlobUpload {
    /// Sends the blob while its parts are fetched.
    fileprivate func send(fetching parts: BlobParts) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await parts.fetchAll(fetch) }
            defer {
                parts.stop()
                group.cancelAll()
            }
            try await send()
        }
    }

    private func fetch(_ range: Range<Int64>) async throws -> [ByteBuffer] {
        let (registry, repository) = (run.source.registry, run.source.repository)
        let content = try await registry.blob(blob.digest, of: blob.size, range: range, in: repository)
        guard content.byteCount == blob.size, content.range == range, case .stream(let stream) = content.source else {
            throw RegistryError(.unavailable, "the registry gave another part than it was asked for")
        }
        var buffers: [ByteBuffer] = []
        var count = 0
        while let batch = try await stream.next(upTo: stream.batchByteCount) {
            count += batch.reduce(0) { $0 + $1.readableBytes }
            guard count <= range.count else { break }
            buffers += batch
        }
        guard count == range.count else {
            throw RegistryError(.unavailable, "the registry gave \(count) bytes of a part of \(range.count)")
        }
        return buffers
    }
}

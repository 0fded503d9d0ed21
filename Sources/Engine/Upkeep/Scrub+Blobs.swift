import BlobStorage
import Metadata
import OCI

/// What a look at the bytes of a blob has shown.
private enum BlobState {
    case whole
    /// What is wrong, as the end of a sentence.
    case damaged(String)
    /// Nobody can tell now.
    case unread(String)
}

extension Scrub {
    /// Looks at some blobs that were last looked at before a moment, after one; returns the last of them, nil when none
    /// is left.
    func lookAtBlobs(
        after last: BlobToLookAt?,
        before moment: Timestamp,
        _ pace: ScrubPace,
        _ report: inout Report
    ) async throws -> BlobToLookAt? {
        let due = try await facts.read { facts in
            try facts.blobsToLookAt(before: moment, after: last, limit: Self.batchCount)
        }
        var whole: [BlobFact] = []
        var saved = time.elapsed()
        for next in due {
            let blob = next.blob
            switch try await look(at: blob, pace) {
            case .whole:
                whole.append(blob)
                report.blobCount += 1
                report.byteCount += blob.byteCount
            case .damaged(let problem):
                report.blobCount += 1
                report.byteCount += blob.byteCount
                try await quarantine(blob, because: problem, pace, &report)
            case .unread(let problem):
                report.unreadCount += 1
                try await tell(Finding(outcome: .unread, kind: .blob, digest: blob.digest, problem: problem))
            }
            if time.elapsed() - saved > Self.batchTime {
                try await note(&whole)
                saved = time.elapsed()
            }
        }
        try await note(&whole)
        return due.last
    }

    private func note(_ whole: inout [BlobFact]) async throws {
        guard !whole.isEmpty else { return }
        let blobs = whole
        try await facts.write { try $0.noteWhole(blobs) }
        whole = []
    }

    /// Looks once more at what is known to be damaged: what is whole after all is served again, and else others are
    /// asked for it.
    func lookAgain(_ pace: ScrubPace, _ report: inout Report) async throws {
        var moment = try await facts.read { try $0.databaseTime() } - plan.againAfter
        if let wanted = plan.readAllSince { moment = max(moment, wanted) }
        var last: Digest?
        repeat {
            let after = last
            let page = try await facts.read { try $0.quarantinedBlobs(after: after, limit: Self.batchCount) }
            for damaged in page where damaged.lookedAt <= moment {
                try await lookAgain(at: damaged.blob, pace, &report)
            }
            last = page.count == Self.batchCount ? page.last?.blob.digest : nil
        } while last != nil
        try await lookAgainAtRows(&report)
    }

    private func lookAgain(at blob: BlobFact, _ pace: ScrubPace, _ report: inout Report) async throws {
        switch try await state(of: blob, pace) {
        case .whole:
            guard try await facts.write({ try $0.release(blob) }) else { return }
            forget(blob.digest)
            report.mendedCount += 1
            let how = "its bytes are whole after all"
            try await tell(Finding(outcome: .mended, kind: .blob, digest: blob.digest, problem: how))
        case .damaged(let problem):
            if try await mend(blob, &report) { return }
            try await facts.write { facts in
                // It may have been mended, or have gone, since the page was read.
                guard try facts.isQuarantined(blob) else { return }
                try facts.putDamage(blob.digest, .blob, problem)
            }
        case .unread: break
        }
    }

    /// Takes a blob out of service, if it still has the bytes that were looked at.
    private func quarantine(
        _ blob: BlobFact,
        because problem: String,
        _ pace: ScrubPace,
        _ report: inout Report
    ) async throws {
        try await demandOwnStore()
        guard try await facts.write({ try $0.quarantine(blob, because: problem) }) else { return }
        forget(blob.digest)
        try await tellDamage(.blob, blob.digest, problem, &report)
        _ = try await mend(blob, &report)
    }

    /// Ends the run where the store is another one than the facts are about: then everything would seem to be missing.
    private func demandOwnStore() async throws {
        guard let known = try await facts.read({ try $0.blobStoreIdentity() }) else { return }
        guard try await blobs.identity()?.description != known else { return }
        throw Stopped(
            description: "the blob store is not the one that the database is about: is everything mounted? Nothing was "
                + "taken out of service"
        )
    }

    // MARK: Looking

    /// Looks at a blob, and once more where it seems to be damaged: a store may fail for a moment.
    private func look(at blob: BlobFact, _ pace: ScrubPace) async throws -> BlobState {
        let first = try await state(of: blob, pace)
        guard case .damaged = first else { return first }
        try await time.sleep(plan.secondLook)
        return try await state(of: blob, pace)
    }

    private func state(of blob: BlobFact, _ pace: ScrubPace) async throws -> BlobState {
        guard let key = BlobKey(blob.key) else {
            return .damaged("it is recorded under the key \(blob.key), which is none")
        }
        do {
            let stored = try await blobs.open(key, digest: blob.digest)
            guard stored.byteCount == blob.byteCount else {
                return .damaged("it has \(stored.byteCount) bytes in place of \(blob.byteCount)")
            }
            let digest = try await stored.digest(blob.digest.algorithm, fromDisk: true) { try await pace.read($0) }
            return digest == blob.digest ? .whole : .damaged("its bytes have the digest \(digest)")
        } catch let error as BlobStoreError {
            switch error.code {
            case .notFound: return .damaged("its bytes are missing (key \(blob.key))")
            case .truncated: return .damaged("its bytes end too early (key \(blob.key))")
            case .unreadable: return .damaged("the disk cannot give its bytes back (key \(blob.key))")
            default: return .unread("\(error)")
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .unread("\(error)")
        }
    }
}

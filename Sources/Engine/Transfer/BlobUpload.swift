import OCI
import RegistryContract

/// The upload of one blob to the target: begun, gone on with where the target stands after a failure, ended.
struct BlobUpload {
    let run: CopyRun
    let blob: Descriptor
    let reader: BlobReader

    private var registry: any Registry { run.target.registry }
    private var repository: RepositoryName { run.target.repository }

    /// Sends the blob; when that cannot be done, no upload stays behind.
    func send() async throws {
        var course = UploadCourse(policy: run.options.retry)
        var id: UploadID?
        do {
            while true {
                do {
                    let known = try await begin(id)
                    id = known
                    return try await finish(known, at: course.offset)
                } catch {
                    // The source has failed, not the target: it was tried again as often as it may be.
                    if reader.fault != nil || error is CancellationError || Task.isCancelled { throw error }
                    if try await isSettled(after: error, &course, &id) { return }
                }
            }
        } catch {
            if let id { await drop(id) }
            throw error
        }
    }

    private func begin(_ id: UploadID?) async throws -> UploadID {
        if let id { return id }
        return try await registry.startUpload(in: repository, algorithm: blob.digest.algorithm).id
    }

    private func finish(_ id: UploadID, at offset: Int64) async throws {
        let isThere = offset == blob.size && offset > 0
        _ = try await registry.finishUpload(
            id,
            appending: isThere ? nil : reader.attempt(from: offset),
            at: offset,
            expecting: blob.digest,
            in: repository
        )
    }

    // MARK: After a failure

    /// Finds out where the upload stands, until that is known or hope is gone; true when the blob is there after all.
    private func isSettled(
        after failure: any Error,
        _ course: inout UploadCourse,
        _ id: inout UploadID?
    ) async throws -> Bool {
        var failure = failure
        while true {
            switch try course.step(after: failure, seen: reader.seenByteCount) {
            case .goOn: return false
            case .beginAnew:
                // The answer to the last byte may have been lost, and then there is no upload any more.
                if try await isThere() { return true }
                if let old = id { await drop(old) }
                id = nil
                try await run.options.retry.wait(afterFailure: course.failureCount)
                return false
            case .ask:
                try await run.options.retry.wait(afterFailure: course.failureCount)
                guard let known = id else { return false }
                do {
                    let status = try await registry.upload(known, in: repository)
                    try course.resume(at: status.offset, seen: reader.seenByteCount)
                    return false
                } catch {
                    if error is CancellationError || Task.isCancelled { throw error }
                    failure = error
                }
            }
        }
    }

    private func isThere() async throws -> Bool {
        try await CopyRun.unlessUnknown { try await registry.blobByteCount(blob.digest, in: repository) } != nil
    }

    /// Ends the upload at the target, as far as that can be done quickly.
    private func drop(_ id: UploadID) async {
        if run.options.keepsUploads, Task.isCancelled { return }
        await Afterwards.run { [registry, repository] in try await registry.cancelUpload(id, in: repository) }
    }
}

import OCI
import RegistryContract

/// The upload of one blob to the target: begun, gone on with where the target stands after a failure, ended.
struct BlobUpload {
    let run: CopyRun
    let blob: Descriptor
    let reader: BlobReader

    private var registry: any Registry { run.target.registry }
    private var repository: RepositoryName { run.target.repository }

    /// Sends the blob; when that cannot be done, no upload stays behind but one that the next program goes on with.
    func send() async throws {
        var course = UploadCourse(policy: run.options.retry)
        var id: UploadID?
        do {
            while true {
                do {
                    let known = try await begin(id, &course)
                    id = known
                    try await finish(known, at: course.offset)
                    // What broke off before may stand in its place: there are registries that take it for the whole.
                    if course.restartCount > 0 { try await run.demandUndamaged(blob) }
                    return
                } catch {
                    // The source has failed, not the target: it was tried again as often as it may be.
                    if reader.fault != nil || error is CancellationError || Task.isCancelled { throw error }
                    if try await isSettled(after: error, &course, &id) { return }
                }
            }
        } catch {
            guard let id else { throw error }
            if isKept(after: error) {
                await registry.leaveUpload(id, in: repository)
            } else {
                await drop(id)
            }
            throw error
        }
    }

    private func begin(_ id: UploadID?, _ course: inout UploadCourse) async throws -> UploadID {
        if let id { return id }
        guard run.options.keepsUploads else {
            return try await registry.startUpload(in: repository, algorithm: blob.digest.algorithm).id
        }
        let status = try await registry.startUpload(of: blob, in: repository)
        guard (0...blob.size).contains(status.offset) else {
            // Whatever that is, it is not this blob.
            await drop(status.id)
            return try await registry.startUpload(in: repository, algorithm: blob.digest.algorithm).id
        }
        if status.offset > 0 {
            course.takeUp(at: status.offset, of: blob.size)
            reader.skip(to: status.offset)
        }
        return status.id
    }

    /// Whether the next program can go on with the upload: it was stopped, or the other side could not be reached.
    private func isKept(after error: any Error) -> Bool {
        run.options.keepsUploads && (Task.isCancelled || !(reader.fault ?? error).isFinal)
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
        try await run.standing(of: blob) == .whole
    }

    /// Ends the upload at the target, as far as that can be done quickly.
    private func drop(_ id: UploadID) async {
        await Afterwards.run { [registry, repository] in try await registry.cancelUpload(id, in: repository) }
    }
}

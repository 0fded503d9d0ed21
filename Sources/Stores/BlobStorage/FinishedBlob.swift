public import OCI

/// A finished blob, by all that a store has to know of it to remove it without a question.
public struct FinishedBlob: Sendable, Hashable {
    /// Its key.
    public var key: BlobKey
    /// Its digest.
    public var digest: Digest
    /// Its size in bytes.
    public var byteCount: Int64

    /// Names a finished blob.
    public init(key: BlobKey, digest: Digest, byteCount: Int64) {
        (self.key, self.digest, self.byteCount) = (key, digest, byteCount)
    }
}

/// A blob that could not be removed, and may still be there.
public struct BlobRemovalFailure: Error, Sendable {
    /// Which.
    public var blob: FinishedBlob
    /// What went wrong.
    public var error: any Error

    /// States a failure.
    public init(blob: FinishedBlob, error: any Error) {
        (self.blob, self.error) = (blob, error)
    }
}

extension BlobStore {
    /// Removes one after the other.
    public func remove(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        try await removeOneByOne(blobs)
    }

    /// Removes one after the other; ends at once when the store is away, or the caller is cancelled.
    public func removeOneByOne(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        var failures: [BlobRemovalFailure] = []
        for blob in blobs {
            try Task.checkCancellation()
            do {
                try await remove(blob.key, digest: blob.digest)
            } catch let error as BlobStoreError where [.unavailable, .unusable].contains(error.code) {
                throw error
            } catch let error where !(error is CancellationError) {
                failures.append(BlobRemovalFailure(blob: blob, error: error))
            }
        }
        return failures
    }
}

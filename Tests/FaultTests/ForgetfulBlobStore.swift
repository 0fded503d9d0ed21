import BlobStorage

/// Another store, whose flush flushes nothing: a mistake that a test must find.
struct ForgetfulBlobStore: ForwardingBlobStore {
    let base: any BlobStore

    init(_ base: any BlobStore) {
        self.base = base
    }

    func flush(_ key: BlobKey, at state: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        state
    }
}

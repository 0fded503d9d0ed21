import NIOCore
import OCI
import RegistryContract
import Synchronization

/// A registry that writes down what it is asked for, and that a test can make fail, lie, and wait.
final class HookedRegistry: Registry {
    /// One thing that a registry was asked for.
    struct Call: Hashable, Sendable, CustomStringConvertible {
        var name: String
        var subject: String

        var description: String { "\(name) \(subject)" }
    }

    private struct State {
        var calls: [Call] = []
        var uploads: Set<UploadID> = []
        var sentByteCount: Int64 = 0
        var underWay = 0
        var underWayMax = 0
    }

    let base: any Registry
    /// Comes before each call, with its number from 1 on.
    let before: @Sendable (Call, Int) async throws -> Void
    /// Comes after each call that went well; what it throws is thrown although the thing is done.
    let after: @Sendable (Call, Int) async throws -> Void
    /// Changes a blob that is read.
    let reading: @Sendable (BlobContent, Range<Int64>?) -> BlobContent
    /// Changes a body that is written.
    let writing: @Sendable (any ByteStream) -> any ByteStream
    /// Changes a page of referrers.
    let listing: @Sendable (Page<Descriptor>) -> Page<Descriptor>
    /// Changes a manifest that is read.
    let manifests: @Sendable (ByteBuffer) -> ByteBuffer
    /// What is said of the size of a blob, there or not; the truth where it is nil.
    let sizing: (@Sendable (Digest) -> Int64?)?
    /// An upload that an earlier program has left of a blob.
    let leftUpload: @Sendable (Descriptor) async throws -> UploadStatus?
    private let state = Mutex(State())

    init(
        _ base: any Registry,
        before: @escaping @Sendable (Call, Int) async throws -> Void = { _, _ in },
        after: @escaping @Sendable (Call, Int) async throws -> Void = { _, _ in },
        reading: @escaping @Sendable (BlobContent, Range<Int64>?) -> BlobContent = { content, _ in content },
        writing: @escaping @Sendable (any ByteStream) -> any ByteStream = { $0 },
        listing: @escaping @Sendable (Page<Descriptor>) -> Page<Descriptor> = { $0 },
        manifests: @escaping @Sendable (ByteBuffer) -> ByteBuffer = { $0 },
        sizing: (@Sendable (Digest) -> Int64?)? = nil,
        leftUpload: @escaping @Sendable (Descriptor) async throws -> UploadStatus? = { _ in nil }
    ) {
        self.base = base
        self.before = before
        self.after = after
        self.reading = reading
        self.writing = writing
        self.listing = listing
        self.manifests = manifests
        self.sizing = sizing
        self.leftUpload = leftUpload
    }

    /// All that it was asked for, in order.
    var calls: [Call] { state.withLock { $0.calls } }

    /// The names of what it was asked for, in order.
    var callNames: [String] { calls.map(\.name) }

    /// Forgets what it was asked for.
    func forget() { state.withLock { $0.calls = [] } }

    /// Uploads that were begun and neither finished nor cancelled.
    var openUploads: Set<UploadID> { state.withLock { $0.uploads } }

    /// The bytes of all bodies that it was given.
    var sentByteCount: Int64 { state.withLock { $0.sentByteCount } }

    /// The most bodies that it was given at once.
    var bodiesAtOnce: Int { state.withLock { $0.underWayMax } }

    private func call<Answer>(_ name: String, _ subject: Any, _ body: () async throws -> Answer) async throws -> Answer
    {
        let call = Call(name: name, subject: "\(subject)")
        let number = state.withLock { state in
            state.calls.append(call)
            return state.calls.count
        }
        try await before(call, number)
        let answer = try await body()
        try await after(call, number)
        return answer
    }

    private func body<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        state.withLock { state in
            state.underWay += 1
            state.underWayMax = max(state.underWayMax, state.underWay)
        }
        defer { state.withLock { $0.underWay -= 1 } }
        return try await body()
    }

    private struct Counted: ByteStream {
        let base: any ByteStream
        let count: @Sendable (Int64) -> Void

        var declaredByteCount: Int64? { base.declaredByteCount }
        var batchByteCount: Int { base.batchByteCount }

        func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
            let batch = try await base.next(upTo: byteCount)
            count(Int64((batch ?? []).reduce(0) { $0 + $1.readableBytes }))
            return batch
        }
    }

    private func counted(_ body: any ByteStream) -> any ByteStream {
        writing(Counted(base: body) { [self] count in state.withLock { $0.sentByteCount += count } })
    }
}

// MARK: - Reading

extension HookedRegistry {
    func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try await call("manifest", reference) {
            var found = try await base.manifest(reference, in: repository)
            found.bytes = manifests(found.bytes)
            return found
        }
    }

    func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        try await call("descriptor", reference) { try await base.descriptor(of: reference, in: repository) }
    }

    func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await call("blobByteCount", digest) {
            if let byteCount = sizing?(digest) { return byteCount }
            return try await base.blobByteCount(digest, in: repository)
        }
    }

    func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent {
        try await call("blob", digest) {
            reading(try await base.blob(digest, range: range, in: repository), range)
        }
    }

    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await call("tags", repository) { try await base.tags(in: repository, after: last, limit: limit) }
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await call("repositories", last ?? "") { try await base.repositories(after: last, limit: limit) }
    }

    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        try await call("referrers", subject) {
            listing(
                try await base.referrers(
                    to: subject,
                    artifactType: artifactType,
                    in: repository,
                    after: last,
                    limit: limit
                )
            )
        }
    }
}

// MARK: - Writing

extension HookedRegistry {
    func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        let tags = push.tags.map(\.description).joined(separator: ",")
        return try await call("putManifest", tags) { try await base.putManifest(push, in: repository) }
    }

    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        try await call("mountBlob", digest) { try await base.mountBlob(digest, from: source, into: repository) }
    }

    func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        try await call("startUpload", "") {
            let status = try await base.startUpload(in: repository, algorithm: algorithm)
            state.withLock { _ = $0.uploads.insert(status.id) }
            return status
        }
    }

    func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        guard let left = try await leftUpload(blob) else {
            return try await startUpload(in: repository, algorithm: blob.digest.algorithm)
        }
        state.withLock { _ = $0.uploads.insert(left.id) }
        return left
    }

    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try await call("upload", id) { try await base.upload(id, in: repository) }
    }

    func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try await call("append", id) {
            try await self.body { try await base.append(counted(body), to: id, at: offset, in: repository) }
        }
    }

    func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        try await call("finishUpload", digest) {
            try await self.body {
                let body = body.map { counted($0) }
                do {
                    let size = try await base.finishUpload(
                        id,
                        appending: body,
                        at: offset,
                        expecting: digest,
                        in: repository
                    )
                    state.withLock { _ = $0.uploads.remove(id) }
                    return size
                } catch let error as RegistryError where [.digestMismatch, .uploadUnknown].contains(error.code) {
                    state.withLock { _ = $0.uploads.remove(id) }
                    throw error
                }
            }
        }
    }

    func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try await call("cancelUpload", id) {
            try await base.cancelUpload(id, in: repository)
            state.withLock { _ = $0.uploads.remove(id) }
        }
    }

    func leaveUpload(_ id: UploadID, in repository: RepositoryName) async {
        state.withLock { $0.calls.append(Call(name: "leaveUpload", subject: "\(id)")) }
        await base.leaveUpload(id, in: repository)
    }
}

// MARK: - Deleting

extension HookedRegistry {
    func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try await call("deleteManifest", digest) { try await base.deleteManifest(digest, in: repository) }
    }

    func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try await call("deleteTag", tag) { try await base.deleteTag(tag, if: condition, in: repository) }
    }

    func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try await call("deleteBlob", digest) { try await base.deleteBlob(digest, in: repository) }
    }
}

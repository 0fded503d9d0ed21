public import OCI

/// What a program remembers of uploads that it has begun, for the next program, which goes on with them.
///
/// A place of an upload may be signed, and lets who knows it write: it is kept like a secret, and told to nobody but
/// the registry. All of it may be lost, old or made up by others without harm: the place is used only at the very
/// server that is the registry, which says how far the upload is and compares the whole with its digest at the end.
///
/// None of these fails: what cannot be kept is not kept.
public protocol UploadMemory: Sendable {
    /// The place of an upload that an earlier program has left, which is the caller's alone from then on; nil when
    /// there is none, or another program is at it.
    func place(of upload: UploadName) async -> String?
    /// Remembers the place of an upload, in the stead of an earlier one; not when another program is at that.
    func keep(_ place: String, of upload: UploadName) async
    /// Lets go of an upload and goes on remembering it: the next who asks, here or in another program, gets its place.
    func release(_ upload: UploadName) async
    /// Forgets an upload that has ended.
    func forget(_ upload: UploadName) async
}

/// Which blob is uploaded where.
public struct UploadName: Sendable, Hashable {
    /// The server: `https://registry.example:5000`.
    public var registry: String
    /// The repository.
    public var repository: RepositoryName
    /// The blob.
    public var digest: Digest

    /// Names an upload.
    public init(registry: String, repository: RepositoryName, digest: Digest) {
        self.registry = registry
        self.repository = repository
        self.digest = digest
    }
}

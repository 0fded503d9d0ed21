import OCI
import RegistryContract

/// A request of the distribution specification, read whole: nothing after this looks at a path again.
///
/// The cases follow the specification's endpoints end-1 to end-14, and what others have beside them.
/// ``init(method:target:)`` and ``target`` are each other's inverse on well-formed requests.
public enum DistributionRequest: Hashable, Sendable {
    /// end-1: is this a registry?
    case version
    /// end-2, by GET or HEAD.
    case blob(Digest, RepositoryName, headOnly: Bool)
    /// end-3, by GET or HEAD.
    case manifest(Reference, RepositoryName, headOnly: Bool)
    /// end-4a, end-4b, end-11, end-13: begin an upload, or be done at once by a digest or a mount.
    case startUpload(RepositoryName, UploadStart)
    /// end-5: a chunk, or all of an upload as a stream.
    case patchUpload(UploadID, RepositoryName)
    /// end-6: the end of an upload.
    case putUpload(UploadID, RepositoryName, Digest)
    /// end-13: how far an upload has come.
    case uploadStatus(UploadID, RepositoryName)
    /// end-14: cancel an upload.
    case cancelUpload(UploadID, RepositoryName)
    /// end-7, with the tags that a push by digest brings.
    case putManifest(Reference, RepositoryName, tags: [Tag])
    /// end-8a, end-8b.
    case tags(RepositoryName, ListQuery)
    /// end-9.
    case deleteManifest(Reference, RepositoryName)
    /// end-10.
    case deleteBlob(Digest, RepositoryName)
    /// end-12a, end-12b.
    case referrers(Digest, RepositoryName, artifactType: String?, ListQuery)
    /// Docker's `_catalog`: the repositories.
    case catalog(ListQuery)
    /// wharf's `_wharf/tags/<tag>/history`: the moves of a tag.
    ///
    /// An extension as the specification has them: a part of the path that begins with an underscore stands in no
    /// repository's name.
    case tagHistory(Tag, RepositoryName, ListQuery)
}

/// How an upload is to begin.
public struct UploadStart: Hashable, Sendable {
    /// The digest of the whole, when the body of the request is the whole blob.
    public var digest: Digest?
    /// A blob to mount in place of an upload.
    public var mount: Digest?
    /// The repository to mount from; nil for any.
    public var source: RepositoryName?
    /// The algorithm that the bytes are to be hashed with.
    public var algorithm: Digest.Algorithm?

    /// Describes the start of an upload.
    public init(
        digest: Digest? = nil,
        mount: Digest? = nil,
        source: RepositoryName? = nil,
        algorithm: Digest.Algorithm? = nil
    ) {
        self.digest = digest
        self.mount = mount
        self.source = source
        self.algorithm = algorithm
    }
}

/// Which page of a list is asked for.
public struct ListQuery: Hashable, Sendable {
    /// How many elements; nil when the client leaves it to the server.
    public var count: Int?
    /// The element after which the page begins.
    public var last: String?

    /// Asks for a page.
    public init(count: Int? = nil, last: String? = nil) {
        self.count = count
        self.last = last
    }
}

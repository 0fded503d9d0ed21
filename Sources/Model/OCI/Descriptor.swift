/// What a document says of content that lies elsewhere (image specification, descriptor.md).
public struct Descriptor: Hashable, Sendable {
    /// The media type of the content, as declared; nil where an old document leaves it out.
    public var mediaType: MediaType?
    /// The digest of the content.
    public var digest: Digest
    /// The size of the content, in bytes.
    public var size: Int64
    /// The type of the artifact, when the content is a manifest.
    public var artifactType: String?
    /// Annotations, empty when there are none.
    public var annotations: Annotations
    /// Other places where the content may be fetched.
    public var urls: [String]
    /// The platform that the content is for, where an index names it.
    public var platform: Platform?

    /// Describes content.
    public init(
        mediaType: MediaType?,
        digest: Digest,
        size: Int64,
        artifactType: String? = nil,
        annotations: Annotations = [:],
        urls: [String] = [],
        platform: Platform? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.artifactType = artifactType
        self.annotations = annotations
        self.urls = urls
        self.platform = platform
    }
}

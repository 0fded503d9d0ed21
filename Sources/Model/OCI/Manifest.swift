/// What the registry needs to know of a manifest: which content it names, and how.
///
/// The bytes themselves are kept and served verbatim; this is only what was read from them. Unknown fields are passed
/// over, as the image specification demands. Sources: image specification 1.1, manifest.md and image-index.md; Docker's
/// "Image Manifest Version 2, Schema 2".
public struct Manifest: Hashable, Sendable {
    /// The largest manifest that is taken by default, in bytes: the distribution specification asks for at least 4 MiB.
    public static let byteCountMax = 4 << 20

    /// The most blobs and manifests that a manifest may name: each takes its time in the one transaction of a push.
    ///
    /// Images have a hundred layers at most, and indexes some dozen children.
    public static let referenceCountMax = 10_000

    /// Which of the documents it is.
    public enum Kind: Sendable {
        /// An image manifest: a config and layers.
        case image
        /// An index or manifest list: other manifests.
        case index
        /// The withdrawn OCI artifact manifest: blobs without a config.
        case artifact
    }

    /// Which of the documents it is.
    public var kind: Kind
    /// The media type that it is served with.
    public var mediaType: MediaType
    /// The type of the artifact as referrers show it: `artifactType`, else the media type of the config.
    public var artifactType: String?
    /// The config of an image.
    public var config: Descriptor?
    /// The layers of an image, or the blobs of an artifact.
    public var layers: [Descriptor]
    /// The children of an index.
    public var manifests: [Descriptor]
    /// The manifest that this one says something about.
    public var subject: Descriptor?
    /// Annotations, empty when there are none.
    public var annotations: Annotations

    /// How many blobs and manifests it names, each as often as it does.
    public var referenceCount: Int {
        (config == nil ? 0 : 1) + layers.count + manifests.count + (subject == nil ? 0 : 1)
    }
}

extension Manifest {
    /// Why bytes are not a manifest.
    public enum ParseError: Error, Hashable, Sendable {
        /// Not a JSON object, or one that is nested too deeply; the text says what the parser met.
        case notJSON(String)
        /// A media type that is not one of a manifest that is served here.
        case unsupportedMediaType(String)
        /// The Content-Type says one thing and the `mediaType` of the body another.
        case contradiction(contentType: String, body: String)
        /// Neither Content-Type nor body says what it is.
        case undeclared
        /// A field is missing, of the wrong type, or not well formed.
        case field(String, String)
        /// It has the fields of an image and of an index, so that two clients could read it differently.
        case ambiguous
    }

    /// Reads a manifest.
    ///
    /// - Parameters:
    ///   - bytes: the whole document; the caller has limited its size.
    ///   - contentType: the Content-Type that it came with, if any.
    /// - Throws: what is wrong with it.
    public init(parsing bytes: [UInt8], contentType: MediaType?) throws(ParseError) {
        let document = try ManifestDocument(parsing: bytes)
        let mediaType = try Self.mediaType(of: document, contentType: contentType)
        let kind = try Self.kind(of: mediaType)
        guard document.schemaVersion == 2 || kind == .artifact else {
            throw .field("schemaVersion", "must be 2")
        }
        let hasImageFields = document.config != nil || document.layers != nil
        switch kind {
        case .image:
            guard document.manifests == nil else { throw .ambiguous }
            guard document.config != nil else { throw .field("config", "is missing") }
            guard document.present.contains(.layers) else { throw .field("layers", "is missing") }
        case .index:
            guard !hasImageFields else { throw .ambiguous }
            guard document.present.contains(.manifests) else { throw .field("manifests", "is missing") }
        case .artifact:
            guard !hasImageFields, document.manifests == nil else { throw .ambiguous }
        }
        self.kind = kind
        self.mediaType = mediaType
        config = try document.config?.descriptor(at: "config")
        layers =
            kind == .artifact
            ? try Self.descriptors(document.blobs, at: "blobs") : try Self.descriptors(document.layers, at: "layers")
        manifests = try Self.descriptors(document.manifests, at: "manifests")
        subject = try document.subject?.descriptor(at: "subject")
        annotations = document.annotations
        artifactType = try Self.artifactType(of: document)
    }

    private static func mediaType(
        of document: ManifestDocument,
        contentType: MediaType?
    ) throws(ParseError) -> MediaType {
        let declared = document.mediaType.flatMap { $0.isEmpty ? nil : $0 }
        guard let declared else {
            if let contentType { return contentType }
            if document.manifests != nil { return .imageIndex }
            if document.config != nil { return .imageManifest }
            throw .undeclared
        }
        guard let body = MediaType(declared) else { throw .field("mediaType", "is not a media type") }
        if let contentType, contentType != body {
            throw .contradiction(contentType: contentType.description, body: body.description)
        }
        return body
    }

    private static func kind(of mediaType: MediaType) throws(ParseError) -> Kind {
        switch mediaType {
        case .imageManifest, .dockerManifest: .image
        case .imageIndex, .dockerManifestList: .index
        case .artifactManifest: .artifact
        default: throw .unsupportedMediaType(mediaType.description)
        }
    }

    /// Verbatim, since clients filter by equal text; else the media type of the config, verbatim as well.
    ///
    /// It goes into lists and an index of the database, so it is bounded; not every client writes a media type there.
    private static func artifactType(of document: ManifestDocument) throws(ParseError) -> String? {
        if let type = document.artifactType, !type.isEmpty {
            guard isShowable(type) else {
                throw .field(
                    "artifactType",
                    "is longer than \(MediaType.byteCountMax) bytes, or has control characters"
                )
            }
            return type
        }
        return document.config?.mediaType.flatMap { MediaType($0) != nil && isShowable($0) ? $0 : nil }
    }

    private static func isShowable(_ type: String) -> Bool {
        type.utf8.count <= MediaType.byteCountMax && type.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private static func descriptors(
        _ documents: [DescriptorDocument]?,
        at field: String
    ) throws(ParseError) -> [Descriptor] {
        var descriptors: [Descriptor] = []
        for (index, document) in (documents ?? []).enumerated() {
            descriptors.append(try document.descriptor(at: "\(field)[\(index)]"))
        }
        return descriptors
    }
}

/// The JSON of a manifest of any kind, with only the fields that matter here, not yet checked.
struct ManifestDocument {
    /// The fields that are read.
    enum Field: String, CaseIterable {
        case schemaVersion, mediaType, artifactType, config, layers, blobs, manifests, subject, annotations
    }

    private static let fields = JSONFields<Field>()

    private(set) var schemaVersion: Int64?
    private(set) var mediaType: String?
    private(set) var artifactType: String?
    private(set) var config: DescriptorDocument?
    private(set) var layers: [DescriptorDocument]?
    private(set) var blobs: [DescriptorDocument]?
    private(set) var manifests: [DescriptorDocument]?
    private(set) var subject: DescriptorDocument?
    private(set) var annotations = Annotations()
    /// The fields that are there, also those that are null: so Go writes an empty list.
    private(set) var present: Set<Field> = []

    init(parsing bytes: [UInt8]) throws(Manifest.ParseError) {
        var reader = try JSONReader(bytes)
        var document = ManifestDocument()
        try reader.object(Self.fields) { reader, field throws(Manifest.ParseError) in
            document.present.insert(field)
            if try !reader.null() { try document.read(field, from: &reader) }
        }
        try reader.end()
        self = document
    }

    private init() {}

    private mutating func read(_ field: Field, from reader: inout JSONReader) throws(Manifest.ParseError) {
        switch field {
        case .schemaVersion: schemaVersion = try reader.integer()
        case .mediaType: mediaType = try reader.string()
        case .artifactType: artifactType = try reader.string()
        case .config: config = try DescriptorDocument(&reader)
        case .layers: layers = try reader.array(DescriptorDocument.init)
        case .blobs: blobs = try reader.array(DescriptorDocument.init)
        case .manifests: manifests = try reader.array(DescriptorDocument.init)
        case .subject: subject = try DescriptorDocument(&reader)
        case .annotations: annotations = Annotations(ordered: try reader.strings())
        }
    }
}

/// The JSON of a descriptor.
struct DescriptorDocument {
    enum Field: String, CaseIterable {
        case mediaType, digest, size, artifactType, annotations, urls, platform
    }

    private static let fields = JSONFields<Field>()

    private(set) var mediaType: String?
    private var digest: String?
    private var size: Int64?
    private var artifactType: String?
    private var annotations = Annotations()
    private var urls: [String] = []
    private var platform: Platform?

    init(_ reader: inout JSONReader) throws(Manifest.ParseError) {
        try reader.object(Self.fields) { reader, field throws(Manifest.ParseError) in
            if try reader.null() { return }
            switch field {
            case .mediaType: mediaType = try reader.string()
            case .digest: digest = try reader.string()
            case .size: size = try reader.integer()
            case .artifactType: artifactType = try reader.string()
            case .annotations: annotations = Annotations(ordered: try reader.strings())
            case .urls: urls = try reader.array { reader throws(Manifest.ParseError) in try reader.string() }
            case .platform: platform = try Platform(&reader)
            }
        }
    }

    /// The checked value.
    func descriptor(at path: String) throws(Manifest.ParseError) -> Descriptor {
        guard let text = digest else { throw .field("\(path).digest", "is missing") }
        guard let size else { throw .field("\(path).size", "is missing") }
        guard size >= 0 else { throw .field("\(path).size", "is negative") }
        let digest: Digest
        do throws(Digest.ParseError) {
            digest = try Digest(text)
        } catch {
            throw .field("\(path).digest", error.reason)
        }
        return Descriptor(
            mediaType: mediaType.flatMap { MediaType($0) },
            digest: digest,
            size: size,
            artifactType: artifactType,
            annotations: annotations,
            urls: urls,
            platform: platform
        )
    }
}

extension Platform {
    private enum Field: String, CaseIterable {
        case architecture, os, variant
        case osVersion = "os.version"
    }

    private static let fields = JSONFields<Field>()

    /// Nil when one of the needed fields is missing.
    fileprivate init?(_ reader: inout JSONReader) throws(Manifest.ParseError) {
        var texts: [Field: String] = [:]
        try reader.object(Self.fields) { reader, field throws(Manifest.ParseError) in
            if try reader.null() { return }
            texts[field] = try reader.string()
        }
        guard let architecture = texts[.architecture], let os = texts[.os] else { return nil }
        self.init(architecture: architecture, os: os, variant: texts[.variant], osVersion: texts[.osVersion])
    }
}

extension Digest.ParseError {
    /// A sentence part that follows the name of what was to be a digest.
    public var reason: String {
        switch self {
        case .malformed: "is not of the form algorithm:encoded"
        case .unknownAlgorithm(let name): "has the algorithm \(name); only sha256 and sha512 are served"
        case .wrongLength(let expected, let found): "has \(found) digits after the colon in place of \(expected)"
        case .notHexadecimal: "has something else than lower-case hexadecimal digits after the colon"
        }
    }
}

import FoundationEssentials

/// The JSON of a manifest of any kind, with only the fields that matter here, not yet checked.
struct ManifestDocument: Decodable {
    /// The JSON of a descriptor.
    struct DescriptorDocument: Decodable {
        var mediaType: String?
        var digest: String
        var size: Int64
        var artifactType: String?
        var annotations: [String: String]?
        var urls: [String]?
        var platform: PlatformDocument?
    }

    /// The JSON of a platform.
    struct PlatformDocument: Decodable {
        var architecture: String?
        var os: String?
        var variant: String?
        var osVersion: String?

        enum CodingKeys: String, CodingKey {
            case architecture, os, variant
            case osVersion = "os.version"
        }
    }

    var schemaVersion: Int?
    var mediaType: String?
    var artifactType: String?
    var config: DescriptorDocument?
    var layers: [DescriptorDocument]?
    var blobs: [DescriptorDocument]?
    var manifests: [DescriptorDocument]?
    var subject: DescriptorDocument?
    var annotations: [String: String]?

    init(parsing bytes: [UInt8]) throws(Manifest.ParseError) {
        do {
            self = try JSONDecoder().decode(ManifestDocument.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Self.translate(error)
        } catch {
            throw .notJSON("the bytes are not JSON")
        }
    }

    private static func translate(_ error: DecodingError) -> Manifest.ParseError {
        switch error {
        case .keyNotFound(let key, let context):
            .field(path(context.codingPath + [key]), "is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            context.codingPath.isEmpty
                ? .notJSON("the document is not a JSON object")
                : .field(path(context.codingPath), "has the wrong type")
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? .notJSON("the bytes are not JSON that can be read")
                : .field(path(context.codingPath), "cannot be read")
        @unknown default:
            .notJSON("the document cannot be read")
        }
    }

    /// `layers[2].digest` for a path of coding keys; annotations' keys are the client's, so the length is bounded.
    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return String(text.prefix(200))
    }
}

extension ManifestDocument.DescriptorDocument {
    /// The checked value.
    func descriptor(at field: String) throws(Manifest.ParseError) -> Descriptor {
        let digest: Digest
        do throws(Digest.ParseError) {
            digest = try Digest(self.digest)
        } catch {
            throw .field("\(field).digest", error.reason)
        }
        guard size >= 0 else { throw .field("\(field).size", "is negative") }
        return Descriptor(
            mediaType: mediaType.flatMap { MediaType($0) },
            digest: digest,
            size: size,
            artifactType: artifactType,
            annotations: annotations ?? [:],
            urls: urls ?? [],
            platform: platform.flatMap { document in
                guard let architecture = document.architecture, let os = document.os else { return nil }
                return Platform(
                    architecture: architecture,
                    os: os,
                    variant: document.variant,
                    osVersion: document.osVersion
                )
            }
        )
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

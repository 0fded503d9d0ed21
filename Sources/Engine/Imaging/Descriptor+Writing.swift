import Documents
import OCI

extension Descriptor {
    /// The descriptor in JSON, fields in the order of the image specification's Go type.
    public var document: JSONValue {
        var document = JSONValue.object([])
        document.set("mediaType", to: (mediaType?.description).map { .string($0) })
        document.set("digest", to: .string(digest.description))
        document.set("size", to: .number("\(size)"))
        document.set("urls", to: urls.isEmpty ? nil : .texts(urls))
        document.set("annotations", to: annotations.document)
        document.set("platform", to: platform?.written(over: nil))
        document.set("artifactType", to: artifactType.map { .string($0) })
        return document
    }
}

extension Annotations {
    /// The annotations in JSON; nil for none.
    var document: JSONValue? {
        isEmpty ? nil : .object(map { JSONValue.Member($0.name, .string($0.value)) })
    }
}

extension Platform {
    /// The platform in JSON; what else stood there stays.
    func written(over before: JSONValue?) -> JSONValue {
        var document = before ?? .object([])
        document.set("architecture", to: .string(architecture))
        document.set("os", to: .string(os))
        document.set("os.version", to: osVersion.map { .string($0) })
        document.set("variant", to: variant.map { .string($0) })
        return document
    }
}

extension Manifest.ParseError {
    /// A sentence part that follows the name of what was to be a manifest.
    var reason: String {
        switch self {
        case .notJSON(let text): "is no JSON object: \(text)"
        case .unsupportedMediaType(let type): "has the media type \(type), which is not one of a manifest"
        case .contradiction(let outer, let body): "came as \(outer), but says that it is \(body)"
        case .undeclared: "does not say what it is"
        case .field(let name, let problem): "has the field \(name), which \(problem)"
        case .ambiguous: "has the fields of an image and of an index"
        }
    }
}

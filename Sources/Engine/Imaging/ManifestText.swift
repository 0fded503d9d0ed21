import Documents
import Hashing
import OCI

/// A manifest or index as a document that can be written and changed.
///
/// The same values give the same bytes: fields in the order of the image specification's Go types, no white space. What
/// is not understood of a document that was read is kept, in its place.
public struct ManifestText: Hashable, Sendable {
    /// The whole document, an object.
    public private(set) var document: JSONValue
    /// Its media type.
    public private(set) var mediaType: MediaType

    /// Takes a manifest up to change it; the bytes are those of one that can be read.
    public init(editing bytes: [UInt8], contentType: MediaType?) throws(ImagingError) {
        do {
            mediaType = try Manifest(parsing: bytes, contentType: contentType).mediaType
        } catch {
            throw ImagingError(.documentInvalid, "The manifest is not valid: it \(error.reason).")
        }
        do {
            document = try JSONValue(json: bytes)
        } catch {
            throw ImagingError(.documentInvalid, "The manifest cannot be changed, for it cannot be read: \(error).")
        }
    }

    /// Writes an image manifest, or the manifest of an artifact.
    ///
    /// - Parameters:
    ///   - mediaType: OCI's or Docker's.
    ///   - artifactType: what it is, where it is no image.
    ///   - config: the config, or the empty one.
    ///   - layers: the layers, the lowest first.
    ///   - subject: the manifest that it says something about.
    ///   - annotations: annotations.
    /// - Returns: the document.
    public static func image(
        mediaType: MediaType = .imageManifest,
        artifactType: String? = nil,
        config: Descriptor,
        layers: [Descriptor],
        subject: Descriptor? = nil,
        annotations: Annotations = [:]
    ) -> ManifestText {
        var text = ManifestText(mediaType)
        text.document.set("artifactType", to: artifactType.map { .string($0) })
        text.document.set("config", to: config.document)
        text.document.set("layers", to: .array(layers.map(\.document)))
        text.document.set("subject", to: subject?.document)
        text.document.set("annotations", to: annotations.document)
        return text
    }

    /// Writes an index of manifests, OCI's or Docker's.
    public static func index(
        mediaType: MediaType = .imageIndex,
        children: [Descriptor],
        subject: Descriptor? = nil,
        annotations: Annotations = [:]
    ) -> ManifestText {
        var text = ManifestText(mediaType)
        text.document.set("manifests", to: .array(children.map(\.document)))
        text.document.set("subject", to: subject?.document)
        text.document.set("annotations", to: annotations.document)
        return text
    }

    private init(_ mediaType: MediaType) {
        self.mediaType = mediaType
        document = .object([
            .init("schemaVersion", .number("2")), .init("mediaType", .string(mediaType.description)),
        ])
    }

    /// The document in JSON.
    public var bytes: [UInt8] { document.json() }

    /// A descriptor of the document, as an index may name it.
    public func descriptor(algorithm: Digest.Algorithm = .sha256) -> Descriptor {
        let bytes = bytes
        let digest = ContentHash.digest(of: bytes, algorithm)
        return Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }
}

// MARK: - Changes

extension ManifestText {
    /// Sets annotations of the document, and takes others away.
    public mutating func annotate(_ changes: TextChanges) {
        document.set("annotations", to: Self.annotations(document.member("annotations"), changes))
    }

    /// Sets annotations of each child of an index for which the closure says yes, and takes others away.
    public mutating func annotateChildren(_ changes: TextChanges, where isMeant: (Descriptor) -> Bool) {
        editChildren { child, descriptor in
            if isMeant(descriptor) {
                child.set("annotations", to: Self.annotations(child.member("annotations"), changes))
            }
        }
    }

    /// Puts another config in place of the one that is named.
    public mutating func setConfig(_ descriptor: Descriptor) {
        var config = document.member("config") ?? .object([])
        config.point(to: descriptor)
        document.set("config", to: config)
    }

    /// Adds layers on top.
    public mutating func append(layers: [Descriptor]) {
        document.set("layers", to: .array((document.member("layers")?.items ?? []) + layers.map(\.document)))
    }

    /// Puts other layers in place of the lowest `count`.
    mutating func replaceLowestLayers(_ count: Int, with layers: [Descriptor]) {
        let rest = (document.member("layers")?.items ?? []).dropFirst(count)
        document.set("layers", to: .array(layers.map(\.document) + rest))
    }

    /// Names the manifest that this one says something about; nil for none.
    public mutating func setSubject(_ subject: Descriptor?) {
        document.set("subject", to: subject?.document)
    }

    /// Puts other children in place of those of an index that have one of the digests, or takes them out.
    ///
    /// What stands beside a child that is replaced stays: its annotations, and its platform unless the new one has one.
    ///
    /// - Parameter replacements: by digest, the new child, or nil for none.
    public mutating func replaceChildren(_ replacements: [Digest: Descriptor?]) {
        let children: [JSONValue] = (document.member("manifests")?.items ?? []).compactMap { child in
            guard let text = child.member("digest")?.text, let digest = try? Digest(text),
                let replacement = replacements[digest]
            else { return child }
            guard let replacement else { return nil }
            var child = child
            child.point(to: replacement)
            if let platform = replacement.platform {
                child.set("platform", to: platform.written(over: child.member("platform")))
            }
            return child
        }
        document.set("manifests", to: .array(children))
        // Docker's list is for Docker's manifests.
        if replacements.values.contains(where: { $0?.mediaType == .imageManifest }) { becomeOCI() }
    }

    /// Says that it is OCI's document, where it was Docker's: Docker's has no annotations and no subject.
    ///
    /// The layers and the config of an image get the OCI names of what they are; their bytes are the same. Children of
    /// an index stay what they are.
    public mutating func becomeOCI() {
        switch mediaType {
        case .dockerManifest:
            mediaType = .imageManifest
            if var config = document.member("config") {
                config.renameMediaType()
                document.set("config", to: config)
            }
            let layers = (document.member("layers")?.items ?? []).map { layer in
                var layer = layer
                layer.renameMediaType()
                return layer
            }
            document.set("layers", to: .array(layers))
        case .dockerManifestList:
            mediaType = .imageIndex
        default: return
        }
        document.set("mediaType", to: .string(mediaType.description))
    }

    private mutating func editChildren(_ edit: (inout JSONValue, Descriptor) -> Void) {
        guard let manifest = try? Manifest(parsing: bytes, contentType: mediaType),
            var children = document.member("manifests")?.items, children.count == manifest.manifests.count
        else { return }
        for (index, descriptor) in manifest.manifests.enumerated() { edit(&children[index], descriptor) }
        document.set("manifests", to: .array(children))
    }

    private static func annotations(_ before: JSONValue?, _ changes: TextChanges) -> JSONValue? {
        let texts = (before?.members ?? []).map { NamedText($0.name, $0.value.text ?? "") }
        let after = changes.applied(to: texts)
        return after.isEmpty ? nil : .object(after.map { .init($0.name, .string($0.value)) })
    }
}

extension JSONValue {
    /// Makes a descriptor name other content.
    ///
    /// Copies of the content and other places of it that stand in the descriptor go: they are those of the old.
    fileprivate mutating func point(to descriptor: Descriptor) {
        if let mediaType = descriptor.mediaType { set("mediaType", to: .string(mediaType.description)) }
        set("digest", to: .string(descriptor.digest.description))
        set("size", to: .number("\(descriptor.size)"))
        set("data", to: nil)
        set("urls", to: nil)
    }

    /// Puts OCI's name in place of Docker's for the same kind of content.
    fileprivate mutating func renameMediaType() {
        guard let name = member("mediaType")?.text else { return }
        let names = [
            "application/vnd.docker.container.image.v1+json": MediaType.imageConfig.description,
            "application/vnd.docker.image.rootfs.diff.tar": "application/vnd.oci.image.layer.v1.tar",
            "application/vnd.docker.image.rootfs.diff.tar.gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.docker.image.rootfs.diff.tar.zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip":
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        ]
        if let new = names[name] { set("mediaType", to: .string(new)) }
    }
}

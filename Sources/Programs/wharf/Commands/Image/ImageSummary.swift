import Imaging
import OCI
import RegistryContract

/// What `wharf inspect` says of an image.
struct ImageSummary: Encodable {
    /// One image: for one platform.
    struct One: Encodable {
        /// The digest of its manifest.
        var digest: String
        /// What it runs on, where that is said.
        var platform: String?
        /// When it was made, in RFC 3339.
        var created: String?
        /// Who made it.
        var author: String?
        /// The bytes that a registry keeps for it.
        var size: Int64
        /// The user that it runs as.
        var user: String?
        /// What is run.
        var entrypoint: [String]?
        /// Arguments of that, or what is run.
        var command: [String]?
        /// The folder in which it begins.
        var workingDirectory: String?
        /// Variables, each as `name=value`.
        var environment: [String]
        /// Ports, each as `port/protocol`.
        var ports: [String]
        /// Folders that outlive the container.
        var volumes: [String]
        /// Labels.
        var labels: [String: String]
        /// The layers, the lowest first.
        var layers: [Layer]
    }

    /// A layer as it is stored.
    struct Layer: Encodable {
        var digest: String
        var mediaType: String?
        var size: Int64
    }

    /// What was asked for.
    var name: String
    /// The digest of the manifest or index.
    var digest: String
    /// Its media type.
    var mediaType: String
    /// The type of an artifact.
    var artifactType: String?
    /// What it says something about.
    var subject: String?
    /// The annotations of the manifest or index.
    var annotations: [String: String]
    /// The images: one, or those of an index; none for an artifact.
    var images: [One]
    /// The blobs of an artifact.
    var blobs: [Layer]

    /// Reads what a reference names.
    init(of reference: Reference, in place: OpenedLocation, named name: String? = nil) async throws {
        let reader = ImageReader(place.place)
        let root = try await reader.manifest(reference)
        let isArtifact = root.manifest.kind != .index && !root.manifest.isRunnable
        self.init(root, named: name ?? place.name)
        if isArtifact {
            blobs = root.manifest.layers.map(Layer.init)
        } else {
            do {
                images = try await reader.images(.digest(root.digest)).map(One.init)
            } catch let error as ImagingError where error.code == .notAnImage && root.manifest.kind == .index {
                // An index of artifacts, or of nothing.
                images = []
            }
        }
    }

    /// One image that was chosen.
    init(_ image: Image, named name: String) {
        self.init(image.manifest, named: name)
        images = [One(image)]
    }

    private init(_ root: ReadManifest, named name: String) {
        self.name = name
        digest = root.digest.description
        mediaType = root.manifest.mediaType.description
        artifactType = root.manifest.isRunnable ? nil : root.manifest.artifactType
        subject = root.manifest.subject?.digest.description
        annotations = root.manifest.annotations.reduce(into: [:]) { $0[$1.name] = $1.value }
        images = []
        blobs = []
    }
}

extension ImageSummary.One {
    init(_ image: Image) {
        let config = image.config
        digest = image.manifest.digest.description
        platform = image.platform?.description
        created = config.created
        author = config.author
        size = image.storedByteCount
        user = config.user
        entrypoint = config.entrypoint
        command = config.command
        workingDirectory = config.workingDirectory
        environment = config.environment
        ports = config.exposedPorts
        volumes = config.volumes
        labels = config.labels.reduce(into: [:]) { $0[$1.name] = $1.value }
        layers = image.layers.map(ImageSummary.Layer.init)
    }
}

extension ImageSummary.Layer {
    init(_ descriptor: Descriptor) {
        digest = descriptor.digest.description
        mediaType = descriptor.mediaType?.description
        size = descriptor.size
    }
}

// MARK: - For people

extension ImageSummary {
    /// The summary for a terminal.
    var text: String {
        var lines = [("image", name), ("digest", digest), ("media type", mediaType)]
        if let artifactType { lines.append(("artifact", artifactType)) }
        if let subject { lines.append(("subject", subject)) }
        lines += annotations.sorted { $0.key < $1.key }.map { ("annotation", "\($0.key)=\($0.value)") }
        var text = Table.fields(lines)
        for blob in blobs { text += Self.line(of: blob) }
        if images.count == 1, let image = images.first { return text + image.text }
        for image in images {
            let created = image.created.map { String($0.prefix(19)) } ?? "-"
            let platform = ShownText.line(image.platform ?? "unknown").padded(to: 16)
            text += "  \(platform) \(image.digest)  \(ShownText.line(created))  "
            text += "\(HumanText.bytes(image.size)), \(HumanText.count(image.layers.count, "layer"))\n"
        }
        return text
    }

    fileprivate static func line(of layer: Layer) -> String {
        let size = HumanText.bytes(layer.size).paddedLeft(to: 8)
        return "  \(layer.digest)  \(size)  \(ShownText.line(layer.mediaType ?? "-"))\n"
    }
}

extension ImageSummary.One {
    fileprivate var text: String {
        var lines: [(String, String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { lines.append((name, value)) }
        }
        add("platform", platform)
        add("created", created)
        add("author", author)
        add("size", "\(HumanText.bytes(size)) in \(HumanText.count(layers.count, "layer"))")
        add("user", user)
        add("entrypoint", entrypoint.map { $0.joined(separator: " ") })
        add("command", command.map { $0.joined(separator: " ") })
        add("directory", workingDirectory)
        for variable in environment { add("environment", variable) }
        add("ports", ports.joined(separator: ", "))
        add("volumes", volumes.joined(separator: ", "))
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) { add("label", "\(name)=\(value)") }
        return Table.fields(lines) + "layers:\n" + layers.map(ImageSummary.line).joined()
    }
}

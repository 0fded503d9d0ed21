import Glibc
import Hashing
import OCI
import RegistryContract
import Transfer

/// An artifact that is to be made of files: a manifest with the files as layers, that may say something about another.
///
/// Source: image specification, manifest.md, "Guidelines for Artifact Usage"; the names of files lie in the annotation
/// `org.opencontainers.image.title`, as ORAS puts them.
public struct ArtifactPlan: Sendable {
    /// A file of this machine.
    public struct File: Sendable, Hashable {
        /// Where it is.
        public var path: String
        /// What it is called in the artifact: a relative path.
        public var title: String
        /// What it is.
        public var mediaType: MediaType
        /// More annotations of its layer.
        public var annotations: [NamedText]

        /// Names a file.
        ///
        /// - Parameters:
        ///   - path: where it is.
        ///   - title: what it is called in the artifact; the last part of the path when nil.
        ///   - mediaType: what it is.
        ///   - annotations: more annotations of its layer.
        public init(
            _ path: String,
            title: String? = nil,
            mediaType: MediaType = .octetStream,
            annotations: [NamedText] = []
        ) {
            self.path = path
            self.title = title ?? path.split(separator: "/").last.map(String.init) ?? path
            self.mediaType = mediaType
            self.annotations = annotations
        }
    }

    /// What the artifact is, as a media type.
    public var artifactType: MediaType
    /// The files, in the order of the layers.
    public var files: [File]
    /// Folders that were packed, after the files: each with its title.
    public var folders: [(title: String, layer: LayerDraft)] = []
    /// The manifest that it says something about.
    public var subject: Descriptor?
    /// Annotations of the manifest.
    public var annotations: [NamedText]
    /// The config; the empty one when nil.
    public var config: File?

    /// Plans an artifact.
    ///
    /// - Parameters:
    ///   - artifactType: what it is.
    ///   - files: its files, in the order of the layers.
    ///   - subject: the manifest that it says something about.
    ///   - annotations: annotations of the manifest.
    ///   - config: the config; the empty one when nil.
    public init(
        artifactType: MediaType,
        files: [File],
        subject: Descriptor? = nil,
        annotations: [NamedText] = [],
        config: File? = nil
    ) {
        self.artifactType = artifactType
        self.files = files
        self.subject = subject
        self.annotations = annotations
        self.config = config
    }

    /// Makes the artifact: reads each file once for its digest, and again when it is pushed.
    ///
    /// - Returns: what came of it.
    /// - Throws: `requestInvalid`, `fileUnusable`.
    public func draft() async throws -> ImageDraft {
        try checkTitles()
        var draft = try ImageDraft(base: nil)
        var layers: [Descriptor] = []
        for file in files {
            var descriptor = try await draft.add(file)
            let title = NamedText(ArtifactAnnotation.title, file.title)
            descriptor.annotations = Annotations(file.annotations + [title])
            layers.append(descriptor)
        }
        for (title, layer) in folders {
            let mediaType = layer.compression.mediaType(in: .imageManifest)
            var descriptor = draft.add(file: layer.file, digest: layer.digest, mediaType: mediaType)
            descriptor.annotations = Annotations([
                NamedText(ArtifactAnnotation.title, title),
                NamedText(ArtifactAnnotation.unpacks, "true"),
                NamedText(ArtifactAnnotation.unpackedDigest, layer.diffID.description),
            ])
            layers.append(descriptor)
        }
        let empty = draft.add(blob: Array("{}".utf8), mediaType: .emptyJSON)
        if layers.isEmpty { layers.append(empty) }
        let text = ManifestText.image(
            artifactType: artifactType.description,
            config: try await config.asyncMap { try await draft.add($0) } ?? empty,
            layers: layers,
            subject: subject,
            annotations: Annotations(annotations)
        )
        try draft.add(text)
        return draft
    }

    func checkTitles() throws(ImagingError) {
        var seen: Set<[UInt8]> = []
        for title in files.map(\.title) + folders.map(\.title) {
            guard OutputFolder.components(of: title) != nil else {
                throw ImagingError(
                    .requestInvalid,
                    "\(title) is no name for a file of an artifact: it must be relative, without . and .. in it."
                )
            }
            guard seen.insert(Array(title.utf8)).inserted else {
                throw ImagingError(.requestInvalid, "Two files are called \(title): give one of them another title.")
            }
        }
    }
}

/// Annotations of the layers of an artifact.
public enum ArtifactAnnotation {
    /// The name of the file (image specification, annotations.md).
    public static let title = "org.opencontainers.image.title"
    /// Whether it is the archive of a folder, which ORAS unpacks.
    public static let unpacks = "io.deis.oras.content.unpack"
    /// The digest of that archive without compression.
    public static let unpackedDigest = "io.deis.oras.content.digest"
}

extension Annotations {
    /// The annotations of texts; of two with one name the last counts.
    init(_ texts: [NamedText]) {
        self.init(pairs: TextChanges(assigned: texts).applied(to: []).map { ($0.name, $0.value) })
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

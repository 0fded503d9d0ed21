import Archives
import Documents
import Glibc
import Hashing
import OCI
import RegistryContract

/// Makes of a layout what `docker load` and `podman load` read.
///
///     CONFIG.json       each config under its digest
///     DIFF.tar          each layer, not compressed, under its digest: once, however many images have it
///     manifest.json     which of them make up an image, and its names in full
///     repositories      the names once more, for old readers
///
/// Layers are unpacked because not every reader takes compressed ones; each must then have the digest that the config
/// of its image says.
struct DockerExport {
    /// The largest config that is read, in bytes.
    private static let configByteCountMax = 8 << 20

    private let folder: LayoutFolder
    private let reader: LayoutReader
    private let image: ImageReference?

    init(_ folder: LayoutFolder, _ reader: LayoutReader, _ image: ImageReference?) {
        self.folder = folder
        self.reader = reader
        self.image = image
    }

    /// Refuses a manifest that has no place there.
    static func check(_ manifest: Manifest) throws {
        let type = manifest.config?.mediaType
        let isImage = type == nil || type == .imageConfig || type.map { $0.description } == dockerConfig
        guard manifest.kind == .image, isImage, manifest.subject == nil else {
            throw RegistryError(
                .unsupported,
                "An archive for docker load holds images, and no "
                    + "\(manifest.kind == .image ? "artifacts" : "indexes"). "
                    + (manifest.kind == .index ? "Choose a platform, or use oci-archive:." : "Use oci-archive:.")
            )
        }
    }

    private static let dockerConfig = "application/vnd.docker.container.image.v1+json"

    private struct Image {
        var config: Digest
        var diffs: [Digest]
        var names: [String]
    }

    func write(to output: inout ArchiveOutput) throws {
        let index = try folder.index()
        var images: [Digest: Image] = [:]
        var written: Set<Digest> = []
        // In the order of the digests, whatever came first.
        for entry in index.entries.sorted(by: { $0.descriptor.digest < $1.descriptor.digest }) {
            let digest = entry.descriptor.digest
            if images[digest] == nil { images[digest] = try write(digest, index, &written, &output) }
            if let name = name(entry) { images[digest]?.names.append(name) }
        }
        let ordered = images.sorted { $0.key < $1.key }.map(\.value)
        try output.file("manifest.json", Self.list(ordered))
        try output.file("repositories", Self.repositories(ordered))
    }

    private func name(_ entry: LayoutEntry) -> String? {
        guard let image, let tag = entry.tag else { return nil }
        return "\(image.registry)/\(image.repository):\(tag)"
    }

    // MARK: - Images

    private func write(
        _ digest: Digest,
        _ index: LayoutIndex,
        _ written: inout Set<Digest>,
        _ output: inout ArchiveOutput
    ) throws -> Image {
        guard let manifest = try reader.facts(of: digest, in: index)?.manifest, let config = manifest.config else {
            throw RegistryError(.manifestUnknown, "The manifest \(digest) is not there any more.", digests: [digest])
        }
        try Self.check(manifest)
        let bytes = try self.config(config)
        let diffs = try self.diffs(bytes, config.digest)
        guard diffs.count == manifest.layers.count else {
            throw RegistryError(
                .unsupported,
                "The image \(digest) has \(manifest.layers.count) layers, and its config has \(diffs.count): it is no "
                    + "image that can be loaded."
            )
        }
        for (layer, diff) in zip(manifest.layers, diffs) where written.insert(diff).inserted {
            try write(layer.digest, diff, &output)
        }
        if written.insert(config.digest).inserted { try output.file("\(config.digest.encoded).json", bytes) }
        return Image(config: config.digest, diffs: diffs, names: [])
    }

    private func config(_ descriptor: Descriptor) throws -> [UInt8] {
        let content = try reader.blob(descriptor.digest)
        guard content.byteCount <= Self.configByteCountMax else {
            throw RegistryError(
                .sizeInvalid,
                "The config \(descriptor.digest) has \(content.byteCount) bytes, and may have "
                    + "\(Self.configByteCountMax)."
            )
        }
        return try content.bytes()
    }

    private func diffs(_ config: [UInt8], _ digest: Digest) throws -> [Digest] {
        guard case .array(let items)? = (try? JSONValue(json: config))?["rootfs"]?["diff_ids"] else { return [] }
        return try items.map { item in
            guard case .string(let text) = item, let diff = try? Digest(text) else {
                throw RegistryError(.unsupported, "The config \(digest) has a diff_id that is no digest.")
            }
            return diff
        }
    }

    /// Writes a layer without its compression.
    ///
    /// Its size is known only when it was unpacked: into a pipe that takes two passes.
    private func write(_ digest: Digest, _ diff: Digest, _ output: inout ArchiveOutput) throws {
        guard let file = try LayoutFile(folder.file(digest)) else {
            throw RegistryError(.blobUnknown, "The layer \(digest) is not there any more.", digests: [digest])
        }
        do {
            let byteCount = try file.byteCount()
            let name = "\(diff.encoded).tar"
            var hash = ContentHash(diff.algorithm)
            if output.isChangeable {
                try output.file(name) { write in
                    hash = ContentHash(diff.algorithm)
                    try Self.unpack(file, byteCount) { piece in
                        hash.update(piece)
                        try write(piece)
                    }
                }
                try Self.compare(hash.digest(), diff, digest)
            } else {
                try Self.unpack(file, byteCount) { hash.update($0) }
                try Self.compare(hash.digest(), diff, digest)
                try output.file(name, byteCount: hash.byteCount) { try Self.unpack(file, byteCount, $0) }
            }
        } catch let error as ArchiveError {
            throw RegistryError(.unsupported, "The layer \(digest) cannot be unpacked: \(error).", underlying: error)
        }
    }

    private static func compare(_ actual: Digest, _ diff: Digest, _ layer: Digest) throws {
        guard actual != diff else { return }
        throw RegistryError(
            .digestMismatch,
            "The layer \(layer) unpacks to \(actual), and the config of its image says \(diff). Nothing was written.",
            digests: [actual]
        )
    }

    private static func unpack(
        _ file: LayoutFile,
        _ byteCount: Int64,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let decompressor = try Decompressor(limit: ImageArchive.expansionLimit)
        try file.pieces(byteCount: byteCount) { try decompressor.read($0, body) }
        try decompressor.finish(body)
    }

    // MARK: - Documents

    private static func list(_ images: [Image]) -> [UInt8] {
        JSONValue.array(
            images.map { image in
                .object([
                    .init("Config", .string("\(image.config.encoded).json")),
                    .init("RepoTags", image.names.isEmpty ? .null : .array(image.names.sorted().map { .string($0) })),
                    .init("Layers", .array(image.diffs.map { .string("\($0.encoded).tar") })),
                ])
            }
        ).json()
    }

    /// `{"repository": {"tag": "top layer"}}`.
    private static func repositories(_ images: [Image]) -> [UInt8] {
        var tags: [String: [JSONValue.Member]] = [:]
        for image in images {
            for name in image.names.sorted() {
                guard let colon = name.lastIndex(of: ":"), let top = image.diffs.last else { continue }
                let member = JSONValue.Member(String(name[name.index(after: colon)...]), .string(String(top.encoded)))
                tags[String(name[..<colon]), default: []].append(member)
            }
        }
        return JSONValue.object(tags.sorted { $0.key < $1.key }.map { .init($0.key, .object($0.value)) }).json()
    }
}

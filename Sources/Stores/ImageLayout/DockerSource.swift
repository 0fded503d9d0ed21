import Archives
import Documents
import Hashing
import NIOCore
import OCI
import RegistryContract

/// An archive as `docker save`, `podman save` and others write it, seen as a layout.
///
///     manifest.json             [{"Config": …, "RepoTags": […], "Layers": […]}, …]
///     CONFIG.json               the config of an image, named by its digest
///     LAYER.tar, ID/layer.tar   a layer, mostly not compressed; a link to another one where two images share it
///     repositories, ID/json     what Docker before 1.10 read; not looked at
///
/// Such an archive has no manifests. One is made for each image, of Docker's schema 2: always the same for the same
/// archive. The config stays as it is, and so do the layers: one that is not compressed has the digest that the config
/// states for it, which whoever reads it finds true or not. Newer versions of Docker put an OCI layout beside it; then
/// that is read, with the manifests that the images were pulled by.
package struct DockerSource: LayoutSource {
    /// The largest config that is read, in bytes.
    private static let configByteCountMax = 8 << 20

    private let archive: ArchiveFile
    private var listed = LayoutIndex()
    private var slices: [Digest: ArchiveFile.Slice] = [:]
    private var manifests: [Digest: [UInt8]] = [:]
    /// Configs and compressed layers that were read, by where they lie: a list may name one of them a million times.
    private var configs: [Int64: Config] = [:]
    private var packed: [PackedLayer: Digest] = [:]

    private struct Config {
        var digest: Digest
        var byteCount: Int64
        var diffs: [Digest]
    }

    private struct PackedLayer: Hashable {
        var offset: Int64
        var diff: Digest
    }

    package init(_ archive: ArchiveFile) throws {
        self.archive = archive
        guard let bytes = try archive.bytes("manifest.json", most: Self.configByteCountMax) else {
            throw RegistryError(
                .unsupported,
                "\(archive.path) is no archive by docker save: it has no manifest.json at its top. An OCI archive is "
                    + "oci-archive:\(archive.path)."
            )
        }
        guard case .array(let images)? = try? JSONValue(json: bytes) else { throw malformed("is no list of images") }
        for image in images { try add(image) }
    }

    package var name: String { "the archive \(archive.path)" }

    package func index() -> LayoutIndex { listed }

    package func open(_ digest: Digest) -> BlobContent? {
        if let bytes = manifests[digest] {
            return BlobContent(byteCount: Int64(bytes.count), source: .bytes(ByteBuffer(bytes: bytes)))
        }
        return slices[digest].map(archive.content)
    }

    package func byteCount(of digest: Digest) -> Int64? {
        manifests[digest].map { Int64($0.count) } ?? slices[digest]?.byteCount
    }

    // MARK: - Images

    private mutating func add(_ image: JSONValue) throws {
        guard case .string(let configName)? = image["Config"], let layerNames = Self.strings(image["Layers"]) else {
            throw malformed("has an image without Config or Layers")
        }
        let config = try config(configName)
        guard config.diffs.count == layerNames.count else {
            throw malformed("lists \(layerNames.count) layers for \(configName), which has \(config.diffs.count)")
        }
        let layers = try zip(layerNames, config.diffs).map { try layer($0, diff: $1) }
        let bytes = Self.manifest(config.digest, config.byteCount, layers)
        let manifest = ContentHash.digest(of: bytes.json)
        manifests[manifest] = bytes.json
        let descriptor = Descriptor(mediaType: bytes.type, digest: manifest, size: Int64(bytes.json.count))
        let names = Self.strings(image["RepoTags"]) ?? []
        if names.isEmpty, listed.entries(of: manifest).isEmpty { listed.add(descriptor, name: nil) }
        for name in names { listed.add(descriptor, name: name) }
    }

    private mutating func config(_ name: String) throws -> Config {
        guard let slice = archive.slice(name) else {
            throw malformed("names the config \(name), which is not in the archive")
        }
        if let known = configs[slice.offset] {
            try checkName(name, known.digest)
            return known
        }
        guard let bytes = try archive.bytes(name, most: Self.configByteCountMax) else {
            throw malformed("names the config \(name), which is not in the archive")
        }
        let digest = ContentHash.digest(of: bytes)
        try checkName(name, digest)
        let config = Config(digest: digest, byteCount: slice.byteCount, diffs: try diffs(of: bytes, name))
        slices[digest] = slice
        configs[slice.offset] = config
        return config
    }

    /// A config whose name is a digest must have that digest.
    private func checkName(_ name: String, _ digest: Digest) throws {
        let last = name.split(separator: "/").last ?? ""
        let stem = last.hasSuffix(".json") ? last.dropLast(5) : last
        guard let stated = try? Digest("sha256:\(stem)"), stated != digest else { return }
        throw RegistryError(
            .digestMismatch,
            "The config \(name) in the archive \(archive.path) has the digest \(digest): the archive is damaged, or "
                + "was changed. Nothing was taken from it.",
            digests: [digest]
        )
    }

    private func diffs(of config: [UInt8], _ name: String) throws -> [Digest] {
        guard let document = try? JSONValue(json: config), let texts = Self.strings(document["rootfs"]?["diff_ids"])
        else {
            guard (try? JSONValue(json: config))?["rootfs"] != nil else {
                throw malformed("names the config \(name), which has no rootfs")
            }
            return []
        }
        return try texts.map { text in
            guard let digest = try? Digest(text) else {
                throw malformed("has a config with a diff_id that is no digest")
            }
            return digest
        }
    }

    private static func strings(_ value: JSONValue?) -> [String]? {
        guard case .array(let items)? = value else { return nil }
        let texts = items.compactMap { item -> String? in
            guard case .string(let text) = item else { return nil }
            return text
        }
        return texts.count == items.count ? texts : nil
    }

    private func malformed(_ what: String) -> RegistryError {
        RegistryError(
            .unsupported,
            "The archive \(archive.path) is not read: its manifest.json \(what). Nothing was taken from it."
        )
    }

    // MARK: - Layers

    private struct Layer {
        var digest: Digest
        var byteCount: Int64
        var format: ArchiveFormat
    }

    private mutating func layer(_ name: String, diff: Digest) throws -> Layer {
        guard let slice = archive.slice(name) else {
            throw malformed("names the layer \(name.prefix(200)), which is not in the archive")
        }
        do {
            let format = try ArchiveFormat(magic: archive.bytes(slice, count: ArchiveFormat.magicByteCount))
            let digest = format == .plain ? diff : try packedDigest(slice, name, diff)
            slices[digest] = slice
            return Layer(digest: digest, byteCount: slice.byteCount, format: format)
        } catch let error as ArchiveError {
            throw ArchiveFile.refusal(error, archive.path)
        }
    }

    /// The digest of a compressed layer, whose content must have the digest that the config states.
    private mutating func packedDigest(
        _ slice: ArchiveFile.Slice,
        _ name: String,
        _ diff: Digest
    ) throws -> Digest {
        let layer = PackedLayer(offset: slice.offset, diff: diff)
        if let known = packed[layer] { return known }
        var hash = ContentHash(.sha256)
        var unpacked = ContentHash(diff.algorithm)
        let decompressor = try Decompressor(limit: ImageArchive.expansionLimit)
        try archive.read(slice) { piece in
            hash.update(piece)
            try decompressor.read(piece) { unpacked.update($0) }
        }
        try decompressor.finish { unpacked.update($0) }
        guard unpacked.digest() == diff else {
            throw RegistryError(
                .digestMismatch,
                "The layer \(name) in the archive \(archive.path) unpacks to \(unpacked.digest()), and its config says "
                    + "\(diff): the archive is damaged, or was changed. Nothing was taken from it.",
                digests: [unpacked.digest()]
            )
        }
        packed[layer] = hash.digest()
        return hash.digest()
    }

    /// The manifest of an image: Docker's, or OCI's where a layer has a compression that Docker's has no type for.
    private static func manifest(
        _ config: Digest,
        _ configByteCount: Int64,
        _ layers: [Layer]
    ) -> (json: [UInt8], type: MediaType) {
        let isOCI = layers.contains { $0.format == .zstd }
        func descriptor(_ type: String, _ digest: Digest, _ byteCount: Int64) -> JSONValue {
            .object([
                .init("mediaType", .string(type)), .init("size", .number("\(byteCount)")),
                .init("digest", .string(digest.description)),
            ])
        }
        let layerType =
            isOCI ? "application/vnd.oci.image.layer.v1.tar" : "application/vnd.docker.image.rootfs.diff.tar"
        let endings: [ArchiveFormat: String] = [.plain: "", .gzip: isOCI ? "+gzip" : ".gzip", .zstd: "+zstd"]
        let type = isOCI ? MediaType.imageManifest : .dockerManifest
        let configType = isOCI ? "\(MediaType.imageConfig)" : "application/vnd.docker.container.image.v1+json"
        let document = JSONValue.object([
            .init("schemaVersion", .number("2")), .init("mediaType", .string(type.description)),
            .init("config", descriptor(configType, config, configByteCount)),
            .init(
                "layers",
                .array(layers.map { descriptor(layerType + (endings[$0.format] ?? ""), $0.digest, $0.byteCount) })
            ),
        ])
        return (document.json(), type)
    }
}

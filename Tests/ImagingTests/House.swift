import Archives
import Hashing
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Transfer

@testable import Imaging

/// A registry in memory with images that tests make.
struct House {
    let registry: MemoryRegistry
    let place: Place

    init(_ repository: String = "team/app", registry: MemoryRegistry = MemoryRegistry()) throws {
        self.registry = registry
        place = Place(
            registry: registry,
            repository: try RepositoryName(repository),
            registryName: "registry.example"
        )
    }

    var reader: ImageReader { ImageReader(place) }
    var editor: ImageEditor { ImageEditor(place) }

    /// Pushes bytes as a blob.
    @discardableResult
    func push(_ bytes: [UInt8], _ mediaType: String) async throws -> Descriptor {
        let digest = ContentHash.digest(of: bytes)
        let upload = try await registry.startUpload(in: place.repository, algorithm: .sha256)
        _ = try await registry.finishUpload(
            upload.id,
            appending: BytesBody(ByteBuffer(bytes: bytes)),
            at: 0,
            expecting: digest,
            in: place.repository
        )
        return Descriptor(mediaType: MediaType(mediaType), digest: digest, size: Int64(bytes.count))
    }

    /// Pushes a manifest, and moves a tag to it.
    @discardableResult
    func push(_ text: ManifestText, tag: String? = nil) async throws -> Descriptor {
        let push = ManifestPush(
            digest: nil,
            tags: try tag.map { [try Tag($0)] } ?? [],
            contentType: text.mediaType,
            bytes: text.bytes
        )
        _ = try await registry.putManifest(push, in: place.repository)
        return text.descriptor()
    }

    /// Pushes an image of tar archives, each compressed with gzip.
    @discardableResult
    func push(
        layers tars: [[UInt8]],
        tag: String? = nil,
        platform: String = "linux/amd64",
        isDocker: Bool = false,
        change: (inout ImageConfig) -> Void = { _ in }
    ) async throws -> Descriptor {
        let platform = try demanded(Platform(platform))
        var config = ImageConfig(platform: platform, created: "2024-01-01T00:00:00Z")
        var layers: [Descriptor] = []
        for (index, tar) in tars.enumerated() {
            let step = HistoryStep(created: "2024-01-01T00:00:00Z", createdBy: "layer \(index)")
            config.append(layer: ContentHash.digest(of: tar), made: step)
            let type =
                isDocker
                ? "application/vnd.docker.image.rootfs.diff.tar.gzip" : "application/vnd.oci.image.layer.v1.tar+gzip"
            layers.append(try await push(try gzip(tar), type))
        }
        change(&config)
        let configType =
            isDocker ? "application/vnd.docker.container.image.v1+json" : MediaType.imageConfig.description
        let text = ManifestText.image(
            mediaType: isDocker ? .dockerManifest : .imageManifest,
            config: try await push(config.bytes, configType),
            layers: layers
        )
        var descriptor = try await push(text, tag: tag)
        descriptor.platform = platform
        return descriptor
    }

    /// Pushes what was made, and gives the image that a tag then names.
    func push(_ draft: ImageDraft, tag: String) async throws -> Image {
        _ = try await draft.push(to: place, tags: [try Tag(tag)])
        return try await reader.image(.tag(try Tag(tag)))
    }

    func image(_ tag: String, platform: String? = nil) async throws -> Image {
        try await reader.image(.tag(try Tag(tag)), platform: platform.flatMap { Platform($0) })
    }

    /// What lies in the layers of an image.
    func contents(_ image: Image, limits: ContentLimits = ContentLimits(), hashesFiles: Bool = false) async throws
        -> ImageContents
    {
        try await ContentReader(limits: limits, hashesFiles: hashesFiles).contents(of: image, in: place)
    }

    /// The bytes of a blob.
    func bytes(_ descriptor: Descriptor) async throws -> [UInt8] {
        try await place.bytes(of: descriptor, atMost: 100 << 20)
    }
}

/// A value that a test cannot go on without.
func demanded<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw ImagingError(.requestInvalid, "the test has no value to go on with") }
    return value
}

/// A reference by tag.
func tag(_ text: String) throws -> Reference {
    .tag(try Tag(text))
}

/// A tar archive of entries.
func tar(_ entries: [(TarEntry, [UInt8])]) throws -> [UInt8] {
    var writer = TarWriter()
    var bytes: [UInt8] = []
    for (entry, data) in entries { bytes += try writer.whole(entry, data) }
    return bytes + writer.finish()
}

/// A tar archive of files: by path the size, with folders where a path ends with a slash.
func tar(files: [(String, Int)], fill: UInt8 = 0x61) throws -> [UInt8] {
    try tar(
        files.map { path, size in
            let kind: TarEntry.Kind = path.hasSuffix("/") ? .folder : .file
            return (TarEntry(path: path, kind: kind, mode: 0o755), [UInt8](repeating: fill, count: size))
        }
    )
}

/// Bytes compressed with gzip.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var packed: [UInt8] = []
    let compressor = try Compressor(.gzip)
    try compressor.write(bytes) { packed += $0 }
    try compressor.finish { packed += $0 }
    return packed
}

/// Bytes without their compression.
func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
    var unpacked: [UInt8] = []
    let decompressor = try Decompressor()
    try decompressor.read(bytes) { unpacked += $0 }
    try decompressor.finish { unpacked += $0 }
    return unpacked
}

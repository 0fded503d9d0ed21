import Hashing
import NIOCore
import OCI
import RegistryContract
import Transfer

/// Reads images of one repository: manifests, configs, and which image of an index is meant.
public struct ImageReader: Sendable {
    /// How deep indexes may lie in each other.
    public static let nestingMax = 4
    /// The most manifests that are read below one index.
    public static let manifestCountMax = 10_000
    /// The most configs that are read to find out for which platform the children of an index are that do not say it.
    public static let undeclaredPlatformsMax = 32

    /// Where the images are.
    public let place: Place

    /// Reads from a place.
    public init(_ place: Place) {
        self.place = place
    }

    /// The manifest or index that a reference names, checked.
    public func manifest(_ reference: Reference) async throws -> ReadManifest {
        let stored = try await place.registry.manifest(reference, in: place.repository)
        let bytes = [UInt8](stored.bytes.readableBytesView)
        if case .digest(let digest) = reference, ContentHash.digest(of: bytes, digest.algorithm) != digest {
            throw ImagingError(
                .contentMismatch,
                "\(place.registryName) sent another manifest than \(digest): its digest does not fit."
            )
        }
        do {
            let manifest = try Manifest(parsing: bytes, contentType: stored.mediaType)
            return ReadManifest(digest: stored.digest, bytes: bytes, manifest: manifest)
        } catch {
            throw ImagingError(.documentInvalid, "\(reference) in \(place.repository) \(error.reason).")
        }
    }

    /// The image that a reference names, of an index the one for a platform.
    ///
    /// - Parameters:
    ///   - reference: an image, or an index of images.
    ///   - platform: what it is to run on; nil for this machine, or for an index with one image.
    /// - Returns: the image with its config.
    /// - Throws: `notAnImage`, `platformUnknown`, what the registry refuses.
    public func image(_ reference: Reference, platform: Platform? = nil) async throws -> Image {
        let root = try await manifest(reference)
        let chosen = try await child(of: root, for: platform, depth: 0)
        return try await image(chosen, root: root)
    }

    /// All images that a reference names: one, or those of an index, without attestations and other artifacts.
    public func images(_ reference: Reference) async throws -> [Image] {
        let root = try await manifest(reference)
        var seen: Set<Digest> = []
        let manifests = try await leaves(of: root, depth: 0, &seen)
        guard !manifests.isEmpty else { throw notAnImage(root) }
        var images: [Image] = []
        for manifest in manifests {
            let image = try await image(manifest, root: root)
            images.append(image)
        }
        return images
    }

    /// The manifest of the image that a reference names, of an index the one for a platform.
    public func manifest(_ reference: Reference, for platform: Platform?) async throws -> ReadManifest {
        try await child(of: try await manifest(reference), for: platform, depth: 0)
    }

    /// The config of an image manifest.
    public func config(of manifest: ReadManifest) async throws -> ImageConfig {
        try ImageConfig(parsing: try await configBytes(of: manifest))
    }

    /// The config of an image manifest, byte for byte.
    public func configBytes(of manifest: ReadManifest) async throws -> [UInt8] {
        guard let descriptor = manifest.manifest.config, manifest.manifest.isRunnable else {
            throw notAnImage(manifest)
        }
        return try await place.bytes(of: descriptor, atMost: ImageConfig.byteCountMax)
    }

    // Swift 6.3.1 crashes in a release build when it puts this into its callers ("While splitting coroutine").
    @inline(never)
    private func image(_ manifest: ReadManifest, root: ReadManifest) async throws -> Image {
        Image(root: root, manifest: manifest, config: try await config(of: manifest))
    }

    private func notAnImage(_ manifest: ReadManifest) -> ImagingError {
        let type = manifest.manifest.artifactType ?? manifest.manifest.mediaType.description
        return ImagingError(
            .notAnImage,
            "\(manifest.digest) in \(place.repository) is no image that can be run: it is \(type)."
        )
    }

    // MARK: - Indexes

    /// The images below a manifest, itself if it is one; each once, however many indexes name it.
    private func leaves(of manifest: ReadManifest, depth: Int, _ seen: inout Set<Digest>) async throws -> [ReadManifest]
    {
        guard manifest.manifest.kind == .index else { return manifest.manifest.isRunnable ? [manifest] : [] }
        guard depth < Self.nestingMax else { throw Self.tooDeep }
        var leaves: [ReadManifest] = []
        for child in manifest.manifest.manifests where !child.isAttestation && seen.insert(child.digest).inserted {
            guard seen.count <= Self.manifestCountMax else { throw Self.tooMany }
            let next = try await self.manifest(.digest(child.digest))
            leaves += try await self.leaves(of: next, depth: depth + 1, &seen)
        }
        return leaves
    }

    private func child(of manifest: ReadManifest, for platform: Platform?, depth: Int) async throws -> ReadManifest {
        guard manifest.manifest.kind == .index else { return manifest }
        guard depth < Self.nestingMax else { throw Self.tooDeep }
        let children = manifest.manifest.manifests.filter { !$0.isAttestation }
        let chosen: Descriptor
        if platform == nil, children.count == 1, let only = children.first {
            chosen = only
        } else {
            chosen = try await best(of: children, for: platform ?? .current)
        }
        let next = try await self.manifest(.digest(chosen.digest))
        return try await child(of: next, for: platform, depth: depth + 1)
    }

    /// The child that fits a platform best; the first of those that fit equally well.
    private func best(of children: [Descriptor], for platform: Platform) async throws -> Descriptor {
        var best: (child: Descriptor, distance: Int)?
        var known: [Platform] = []
        var unread = Self.undeclaredPlatformsMax
        for child in children {
            var its = child.platform
            if its == nil, unread > 0 {
                unread -= 1
                its = try await undeclaredPlatform(of: child)
            }
            guard let its else { continue }
            known.append(its)
            guard let distance = platform.distance(to: its), distance < best?.distance ?? .max else { continue }
            best = (child, distance)
        }
        guard let best else {
            let list = known.isEmpty ? "none" : known.map(\.description).joined(separator: ", ")
            throw ImagingError(
                .platformUnknown,
                "There is no image for \(platform) in \(place.repository); there is: \(list). Name one of these."
            )
        }
        return best.child
    }

    /// The platform that the config of a child names; nil when it is no image.
    private func undeclaredPlatform(of child: Descriptor) async throws -> Platform? {
        let manifest = try await manifest(.digest(child.digest))
        guard manifest.manifest.isRunnable else { return nil }
        return try await config(of: manifest).platform
    }

    private static let tooMany = ImagingError(
        .limitExceeded,
        "An index and those in it name more than \(manifestCountMax) manifests, which is the limit for reading them."
    )

    static let tooDeep = ImagingError(
        .documentInvalid,
        "More than \(nestingMax) indexes lie in each other."
    )
}

extension Manifest {
    /// Whether it is an image that a runtime can unpack and run, as its config's media type says.
    public var isRunnable: Bool {
        guard kind == .image, let config else { return false }
        guard let type = config.mediaType else { return true }
        return type == .imageConfig || type == .dockerConfig
    }
}

extension MediaType {
    /// Docker's image configuration.
    static let dockerConfig = MediaType("application/vnd.docker.container.image.v1+json")
}

extension Descriptor {
    /// Whether an index names it as what BuildKit says of another child, under the platform `unknown/unknown`.
    var isAttestation: Bool {
        annotations.contains { $0.name.utf8.elementsEqual("vnd.docker.reference.type".utf8) }
            || platform.map { $0.os == "unknown" && $0.architecture == "unknown" } ?? false
    }
}

extension Platform {
    /// What containers of this machine are for: Linux, on its processor.
    public static var current: Platform {
        #if arch(arm64)
            Platform(architecture: "arm64", os: "linux")
        #elseif arch(arm)
            Platform(architecture: "arm", os: "linux", variant: "v7")
        #else
            Platform(architecture: "amd64", os: "linux")
        #endif
    }
}

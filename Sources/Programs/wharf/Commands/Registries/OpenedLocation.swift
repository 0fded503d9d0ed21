import Imaging
import OCI
import RegistryContract
import Transfer

/// A place where an image is or will be, and what was said of it.
struct OpenedLocation: Sendable {
    /// The registry and the repository there.
    var place: Place
    /// What was typed, in full.
    var location: ImageLocation
    /// The tag or digest that was typed; nil for none.
    var reference: Reference?

    /// The registry.
    var registry: any Registry { place.registry }
    /// The repository.
    var repository: RepositoryName { place.repository }
    /// How a person would write it.
    var name: String { location.description }
    /// What is asked for: what was typed, else `latest`.
    var wanted: Reference { reference ?? .tag(ImageReference.latest) }

    /// Whether it names an artifact, and nothing that can be run.
    var isArtifact: Bool {
        get async throws {
            let root = try await ImageReader(place).manifest(wanted)
            return root.manifest.kind == .artifact || (root.manifest.kind == .image && !root.manifest.isRunnable)
        }
    }

    /// Whether it has files that can be brought one by one: not the layers of an image, nor an index.
    var hasFiles: Bool {
        get async throws {
            let manifest = try await ImageReader(place).manifest(wanted).manifest
            guard manifest.isRunnable else { return manifest.kind != .index }
            // What BuildKit says of an image has the config of one; and an artifact may be given one by its maker.
            return manifest.layers.contains { layer in
                let isLayer = layer.mediaType?.description.contains(".tar") ?? true
                return !isLayer
                    || layer.annotations.contains { $0.name.utf8.elementsEqual(ArtifactAnnotation.title.utf8) }
            }
        }
    }

    /// Where a tag points to; nil where there is none.
    func digest(of tag: Tag) async throws -> Digest? {
        do {
            return try await registry.descriptor(of: .tag(tag), in: repository).digest
        } catch let error as RegistryError where [.manifestUnknown, .nameUnknown].contains(error.code) {
            return nil
        }
    }

    /// How a person would write one of its tags.
    func name(tagged tag: Tag) -> String {
        switch location {
        case .registry(let reference):
            ImageReference(registry: reference.registry, repository: reference.repository, tag: tag).description
        case .layout(let path, _): ImageLocation.layout(path: path, .tag(tag)).description
        case .layoutArchive(let path, _): ImageLocation.layoutArchive(path: path, .tag(tag)).description
        case .dockerArchive: location.nameWithoutDigest
        }
    }

    /// How a person would write one of its manifests.
    func name(of digest: Digest) -> String {
        switch location {
        case .registry(let image):
            ImageLocation.registry(
                ImageReference(registry: image.registry, repository: image.repository, digest: digest)
            ).description
        case .layout(let path, _): ImageLocation.layout(path: path, .digest(digest)).description
        case .layoutArchive(let path, _): ImageLocation.layoutArchive(path: path, .digest(digest)).description
        case .dockerArchive: "\(location.nameWithoutDigest)@\(digest)"
        }
    }

    /// The image that it names, of several platforms the one for `platform`.
    func image(for platform: Platform?) async throws -> Image {
        try await ImageReader(place).image(wanted, platform: platform)
    }
}

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

    /// How a person would write one of its tags.
    func name(tagged tag: Tag) -> String {
        switch location {
        case .registry(let reference):
            ImageReference(registry: reference.registry, repository: reference.repository, tag: tag).description
        case .layout(let path, _): ImageLocation.layout(path: path, .tag(tag)).description
        case .layoutArchive(let path, _): ImageLocation.layoutArchive(path: path, .tag(tag)).description
        case .dockerArchive: location.description
        }
    }

    /// The image that it names, of several platforms the one for `platform`.
    func image(for platform: Platform?) async throws -> Image {
        try await ImageReader(place).image(wanted, platform: platform)
    }
}

import ImageLayout
import OCI
import RegistryContract
import Transfer

extension Registries {
    /// Opens where an image is, for reading; what lies in files must be there.
    ///
    /// What is read to be changed or deleted there is not asked of mirrors: they may be behind, or lie.
    func place(_ location: ImageLocation, forChange: Bool = false) async throws -> OpenedLocation {
        switch location {
        case .registry(let image):
            let registry = try await forChange ? ownRegistry(of: image) : mirroredRegistry(of: image)
            return Self.remote(image, registry)
        case .layout(let path, let reference):
            let layout = LayoutRegistry(path: path)
            let chosen = try await Self.chosen(reference) { try await layout.soleReference() }
            return try Self.local(layout, path: path, location, chosen)
        case .layoutArchive(let path, let reference):
            let archive = try await ImageArchive.open(path: path, as: .archive)
            let chosen = try await Self.chosen(reference) { try await archive.soleReference() }
            return try Self.local(archive, path: path, location, chosen)
        case .dockerArchive(let path, let image):
            let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
            let named = try await image.asyncMap { try await archive.reference(of: $0) }
            let chosen = try await Self.chosen(named) { try await archive.soleReference() }
            return try Self.local(archive, path: path, location, chosen)
        }
    }

    /// Opens where images are to be, runs `body`, and brings what it did into files where they lie there.
    func writing<Value: Sendable>(
        _ location: ImageLocation,
        _ body: (OpenedLocation) async throws -> Value
    ) async throws -> Value {
        switch location {
        case .registry(let image):
            return try await body(Self.remote(image, try await ownRegistry(of: image)))
        case .layout(let path, let reference):
            return try await body(try Self.local(LayoutRegistry(path: path), path: path, location, reference))
        case .layoutArchive(let path, let reference):
            let draft = try await ImageArchiveDraft.begin(path: path, as: .archive)
            return try await Self.writing(draft, location, reference, body)
        case .dockerArchive(let path, let image):
            let draft = try await ImageArchiveDraft.begin(path: path, as: .dockerArchive, image: image)
            let reference: Reference? = image.map { .tag($0.tag ?? ImageReference.latest) }
            return try await Self.writing(draft, location, reference, body)
        }
    }

    /// The file has its name only when `body` has succeeded.
    private static func writing<Value: Sendable>(
        _ draft: ImageArchiveDraft,
        _ location: ImageLocation,
        _ reference: Reference?,
        _ body: (OpenedLocation) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await body(try local(draft, path: draft.path, location, reference))
            try await draft.finish()
            return value
        } catch {
            await draft.discard()
            throw error
        }
    }

    /// What was typed, else the only image that there is; nil where there are several, so that lists still work.
    private static func chosen(
        _ reference: Reference?,
        _ sole: () async throws -> Reference
    ) async throws -> Reference? {
        if let reference { return reference }
        do {
            return try await sole()
        } catch let error as RegistryError where error.code == .manifestUnknown {
            return nil
        }
    }

    private static func remote(_ image: ImageReference, _ registry: any Registry) -> OpenedLocation {
        let place = Place(
            registry: registry,
            repository: image.repository,
            registryName: image.registry.description
        )
        let reference: Reference? = image.digest.map(Reference.digest) ?? image.tag.map(Reference.tag)
        return OpenedLocation(place: place, location: .registry(image), reference: reference)
    }

    private static func local(
        _ registry: any Registry,
        path: String,
        _ location: ImageLocation,
        _ reference: Reference?
    ) throws -> OpenedLocation {
        // Files hold one repository, whatever it is called.
        let place = Place(
            registry: registry,
            repository: try RepositoryName("image"),
            registryName: path,
            shownName: location.container
        )
        return OpenedLocation(place: place, location: location, reference: reference)
    }
}

extension ImageLocation {
    /// The folder or the archive itself, as a person would write it.
    fileprivate var container: String {
        switch self {
        case .registry: description
        case .layout(let path, _): Self.layout(path: path, nil).description
        case .layoutArchive(let path, _): Self.layoutArchive(path: path, nil).description
        case .dockerArchive(let path, _): Self.dockerArchive(path: path, nil).description
        }
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

import ContainerTools
import Logging
import OCI
import RegistryClient
import RegistryContract

extension Registries {
    /// The registry of an image, with the mirrors that Docker and podman are set up with on this machine in front of
    /// it.
    func mirroredRegistry(of image: ImageReference) async throws -> any Registry {
        guard !options.noMirrors else { return try await ownRegistry(of: image) }
        let set = try await settings(of: image.registry, image.repository)
        // As podman does, a name is also looked up by what it really is.
        if let place = set.location, let file = try await blocker(of: place, for: image.repository) {
            throw Failure(
                description: "\(file) blocks \(place.address), where \(place.file) leads from \(image.registry)."
            )
        }
        let origin = try set.location.map(located) ?? client(for: image.registry, isInsecure: set.isInsecure)
        var mirrors: [MirroredRegistry.Mirror] = []
        for place in set.mirrors where try await blocker(of: place, for: image.repository) == nil {
            mirrors.append(try mirror(place))
        }
        guard !mirrors.isEmpty else { return origin }
        let log = Logger(label: "mirrors") { _ in MirrorRemarks(isVerbose: options.verbose) }
        return MirroredRegistry(origin, mirrors: mirrors, log: log)
    }

    /// The registry of an image itself, for what changes it; as Docker and podman are set up to speak to it.
    func ownRegistry(of image: ImageReference) async throws -> any Registry {
        try await registry(image.registry, image.repository)
    }

    /// The file that blocks what takes the place of a repository; nil where none does.
    private func blocker(of place: RegistryMirror, for repository: RepositoryName) async throws -> String? {
        try await written(of: place.host, place.repository(for: repository.description)).blockedBy
    }

    private func mirror(_ mirror: RegistryMirror) throws -> MirroredRegistry.Mirror {
        let client = try substitute(mirror)
        return MirroredRegistry.Mirror(name: mirror.address, registry: client, scope: mirror.scope.clientScope) {
            repository in
            try? RepositoryName(mirror.repository(for: repository.description))
        }
    }

    /// Where the content of a registry really is, under the names that it has there.
    private func located(_ place: RegistryMirror) throws -> any Registry {
        if options.verbose { Remark.print("\(place.file) says that it is really at \(place.address).") }
        return RelocatedRegistry(try substitute(place)) { repository in
            try RepositoryName(place.repository(for: repository.description))
        }
    }

    private func substitute(_ place: RegistryMirror) throws -> RegistryClient {
        guard let host = try? RegistryHost(place.host) else {
            throw Failure(description: "\(place.file) names \(place.host) as a registry, which is no host.")
        }
        return try substitute(
            host,
            manner: RegistryManner(authorityFiles: place.trust.authorityFiles),
            scheme: place.usesTLS ? .automatic : .http,
            isInsecure: place.isInsecure
        )
    }
}

extension RegistryMirror.Scope {
    /// The same for a client.
    fileprivate var clientScope: MirroredRegistry.Mirror.Scope {
        switch self {
        case .all: .all
        case .digests: .digests
        case .tags: .tags
        }
    }
}

/// Says which mirror has sent what cannot be right; and which was passed over, where -v asks for it.
private struct MirrorRemarks: LogHandler {
    var isVerbose: Bool
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level {
        get { isVerbose ? .debug : .warning }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let words = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        Remark.print("\(event.message): \(words.joined(separator: ", "))")
    }
}

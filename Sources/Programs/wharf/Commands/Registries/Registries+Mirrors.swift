import ContainerTools
import Logging
import OCI
import RegistryClient
import RegistryContract

extension Registries {
    /// The registry of an image, with the mirrors that Docker and podman are set up with on this machine in front of
    /// it.
    func mirroredRegistry(of image: ImageReference) async throws -> any Registry {
        guard !options.noMirrors else { return try await registry(image.registry) }
        let files = MirrorFiles(machine: machine)
        let (host, repository) = (image.registry.description, image.repository.description)
        let set = try await Blocking.run {
            try files.mirrors(for: host, repository: repository, of: [.docker, .podman])
        }
        if let file = set.blockedBy {
            throw Failure(
                description: "\(file) forbids to pull from \(image.registry): change it, or say --no-mirrors."
            )
        }
        let origin = try set.location.map(located) ?? client(for: image.registry, isInsecure: set.isInsecure)
        let mirrors = try set.mirrors.map(mirror)
        guard !mirrors.isEmpty else { return origin }
        let log = Logger(label: "mirrors") { _ in MirrorRemarks(isVerbose: options.verbose) }
        return MirroredRegistry(origin, mirrors: mirrors, log: log)
    }

    /// The registry of an image itself, for what changes it; as Docker and podman are set up to speak to it.
    func ownRegistry(of image: ImageReference) async throws -> any Registry {
        let files = MirrorFiles(machine: machine)
        let (host, repository) = (image.registry.description, image.repository.description)
        let set = try await Blocking.run {
            try files.mirrors(for: host, repository: repository, of: [.docker, .podman])
        }
        return try client(for: image.registry, isInsecure: set.isInsecure)
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

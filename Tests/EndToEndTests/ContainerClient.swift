import Foundation
import RegistryTesting
import Testing

/// A client that pushes the test image from its own store and pulls any image into an empty one.
protocol ContainerClient: Sendable {
    /// Pushes the test image; returns the digest that the client says it pushed.
    func pushTestImage(to reference: String) async throws -> String

    /// Pulls an image into a store that holds nothing yet; returns what the client says it then has.
    func pull(_ reference: String) async throws -> PulledImage
}

/// A client that can run a container of an image in a registry.
protocol ContainerRunner: ContainerClient {
    /// Pulls the image, runs the shell script in a container of it without a network, and returns its output.
    func run(_ script: String, in reference: String) async throws -> String
}

/// What a client holds after a pull, in its own words.
struct PulledImage: Equatable {
    /// Layers as a client names them: by the bytes that travelled, or by what they unpack to.
    enum Layers: Equatable {
        case blobs([String])
        case diffs([String])
    }

    var digest: String
    var config: String
    var layers: Layers
}

/// The clients of the pairs.
enum Client: String, CaseIterable, CustomTestStringConvertible {
    case docker, skopeo, podman, buildah, ctr, oras

    var testDescription: String { rawValue }

    func client(_ parties: Parties) -> any ContainerClient {
        switch self {
        case .docker: DockerClient(parties: parties)
        case .skopeo: SkopeoClient(parties: parties)
        case .podman: PodmanClient(parties: parties)
        case .buildah: BuildahClient(parties: parties)
        case .ctr: CtrClient(parties: parties)
        case .oras: OrasClient(parties: parties)
        }
    }

    /// The client's own repository of the pairs.
    var repository: String { "pairs/\(rawValue)" }
}

/// The pushes of the run: each client pushes the test image once, and all others pull it.
actor Pushes {
    private var digests: [Client: Task<String, any Error>] = [:]

    /// The digest that the client says it pushed to its repository of the pairs.
    func digest(_ client: Client, _ parties: Parties) async throws -> String {
        let push =
            digests[client]
            ?? Task {
                try await client.client(parties).pushTestImage(to: parties.reference(client.repository))
            }
        digests[client] = push
        return try await push.value
    }
}

extension String {
    /// The first `sha256:…` that stands after `prefix`, as clients print it.
    func digest(after prefix: String = "") throws -> String {
        let start = prefix.isEmpty ? startIndex : range(of: prefix)?.upperBound
        guard let start, let found = self[start...].firstMatch(of: /sha256:[0-9a-f]{64}/) else {
            throw InteropFailure(description: "no digest after '\(prefix)' in: \(self)")
        }
        return String(found.output)
    }

    /// The words of a line that a client printed by a template.
    var words: [String] { split(whereSeparator: \.isWhitespace).map(String.init) }
}

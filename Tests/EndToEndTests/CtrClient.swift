import Foundation
import RegistryTesting

/// containerd's own client; each chain of commands has a namespace, which shares no content with another.
struct CtrClient: ContainerRunner {
    let parties: Parties

    func ctr(_ namespace: String, _ arguments: String...) async throws -> String {
        try await run(namespace, arguments)
    }

    func run(_ namespace: String, _ arguments: [String]) async throws -> String {
        let place = ["--address", parties.containerd.socket, "--namespace", namespace]
        return try await parties.command(.ctr, place + arguments).output()
    }

    func pushTestImage(to reference: String) async throws -> String {
        let namespace = Self.namespace()
        _ = try await ctr(namespace, "images", "import", "--no-unpack", parties.images.archive)
        _ = try await ctr(namespace, "images", "push", "--plain-http", reference, TestImages.name)
        return try await digest(namespace, of: TestImages.name)
    }

    func pull(_ reference: String) async throws -> PulledImage {
        let namespace = Self.namespace()
        _ = try await ctr(namespace, "images", "pull", "--plain-http", reference)
        let digest = try await digest(namespace, of: reference)
        let manifest = Data(try await ctr(namespace, "content", "get", digest).utf8)
        let facts = try await ImageFacts(digest: digest, manifest: manifest) { config in
            Data(try await ctr(namespace, "content", "get", config).utf8)
        }
        // containerd names content by the hash that it computed itself.
        let held = Set(try await ctr(namespace, "content", "ls", "--quiet").words)
        func received(_ digest: String) -> String { held.contains(digest) ? digest : "nothing for \(digest)" }
        return PulledImage(
            digest: digest,
            config: received(facts.config),
            layers: .blobs(facts.layers.map(received))
        )
    }

    func run(_ script: String, in reference: String) async throws -> String {
        let namespace = Self.namespace()
        _ = try await ctr(namespace, "images", "pull", "--plain-http", reference)
        return try await ctr(namespace, "run", "--rm", reference, "container", "/bin/sh", "-c", script)
    }

    /// The digest under which containerd keeps an image that it has.
    func digest(_ namespace: String, of reference: String) async throws -> String {
        try await ctr(namespace, "images", "ls", "name==\(reference)").digest()
    }

    static func namespace() -> String { "n" + UUID().uuidString.lowercased() }
}

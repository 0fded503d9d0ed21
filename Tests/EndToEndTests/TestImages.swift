import Foundation
import RegistryTesting

/// The images of Scripts/make-test-images: an OCI layout, and the same image in the archives that engines load.
struct TestImages: Sendable {
    /// This machine's architecture as image specifications call it.
    static let native = {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }()
    /// The other architecture of the index.
    static let foreign = native == "amd64" ? "arm64" : "amd64"
    /// The name under which engines hold the image once they loaded an archive.
    static let name = "seed/image:1"

    /// The layout; its references are `debian` and `multi`.
    let layout: String
    /// `debian` as an OCI archive, for podman, buildah and containerd.
    let archive: String
    /// `debian` as `docker save` would write it.
    let dockerArchive: String
    /// The image manifest's facts.
    let debian: ImageFacts
    /// The index's digest.
    let multi: String

    static func make(in folder: String) async throws -> TestImages {
        let layout = Tool.project + "/.build-parties/images"
        try await Command(Tool.project + "/Scripts/make-test-images", timeout: .seconds(120)).output()
        let index = try JSONDecoder().decode(Index.self, from: try contents("\(layout)/index.json"))
        func digest(_ reference: String) throws -> String {
            let found = index.manifests.first { $0.annotations?["org.opencontainers.image.ref.name"] == reference }
            guard let found else { throw InteropFailure(description: "the layout \(layout) has no \(reference)") }
            return found.digest
        }
        let debian = try digest("debian")
        let facts = try await ImageFacts(digest: debian, manifest: try blob(layout, debian)) { try blob(layout, $0) }
        let images = TestImages(
            layout: layout,
            archive: "\(folder)/image.oci.tar",
            dockerArchive: "\(folder)/image.docker.tar",
            debian: facts,
            multi: try digest("multi")
        )
        let source = "oci:\(layout):debian"
        for target in ["oci-archive:\(images.archive):\(name)", "docker-archive:\(images.dockerArchive):\(name)"] {
            try await Command(Tool.skopeo.path, ["copy", "--quiet", source, target]).output()
        }
        return images
    }

    /// The path of a blob in the layout.
    func blob(_ digest: String) -> String { Self.path(layout, digest) }

    private static func blob(_ layout: String, _ digest: String) throws -> Data {
        try contents(path(layout, digest))
    }

    private static func path(_ layout: String, _ digest: String) -> String {
        "\(layout)/blobs/" + digest.replacing(":", with: "/")
    }

    private static func contents(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }
}

/// An index, as far as the tests read one.
struct Index: Decodable {
    struct Entry: Decodable {
        var digest: String
        var mediaType: String
        var platform: Platform?
        var annotations: [String: String]?
    }
    struct Platform: Decodable {
        var architecture: String
    }
    var manifests: [Entry]
}

/// What a manifest and its config say.
struct ImageFacts: Sendable {
    /// The digest of the manifest.
    let digest: String
    /// The digest of the config: the image's id in most engines.
    let config: String
    /// The digests of the layers as they travel.
    let layers: [String]
    /// The digests of the layers unpacked: what stays the same however a client compresses them.
    let diffs: [String]

    init(digest: String, manifest: Data, blob: (String) async throws -> Data) async throws {
        struct Descriptor: Decodable { var digest: String }
        struct Manifest: Decodable {
            var config: Descriptor
            var layers: [Descriptor]
        }
        struct Config: Decodable {
            struct RootFileSystem: Decodable { var diff_ids: [String] }
            var rootfs: RootFileSystem?
        }
        let read = try JSONDecoder().decode(Manifest.self, from: manifest)
        self.digest = digest
        config = read.config.digest
        layers = read.layers.map(\.digest)
        let content = try await blob(read.config.digest)
        diffs = try JSONDecoder().decode(Config.self, from: content).rootfs?.diff_ids ?? []
    }
}

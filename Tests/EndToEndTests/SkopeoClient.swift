import Foundation
import RegistryTesting

/// skopeo, which has no store: it pushes from the layout and pulls to a folder, byte by byte.
struct SkopeoClient: ContainerClient {
    let parties: Parties

    func skopeo(_ arguments: String...) async throws -> String {
        try await parties.command(.skopeo, arguments).output()
    }

    func pushTestImage(to reference: String) async throws -> String {
        let digest = parties.fresh("digest")
        _ = try await skopeo(
            "copy",
            "--quiet",
            "--dest-tls-verify=false",
            "--digestfile",
            digest,
            "oci:\(parties.images.layout):debian",
            "docker://\(reference)"
        )
        return try String(contentsOfFile: digest, encoding: .utf8).digest()
    }

    func pull(_ reference: String) async throws -> PulledImage {
        let folder = parties.fresh("skopeo")
        _ = try await skopeo(
            "copy",
            "--quiet",
            "--src-tls-verify=false",
            "--preserve-digests",
            "docker://\(reference)",
            "dir:\(folder)"
        )
        return try await PulledImage(filesIn: folder)
    }
}

/// oras-py, which pushes files as the blobs of a manifest and pulls them to files.
struct OrasClient: ContainerClient {
    let parties: Parties

    func oras(_ arguments: [String]) async throws -> String {
        try await parties.command(.python, [Tool.project + "/Scripts/oras"] + arguments).output()
    }

    func pushTestImage(to reference: String) async throws -> String {
        let images = parties.images
        let config = images.blob(images.debian.config) + ":application/vnd.oci.image.config.v1+json"
        let layers = images.debian.layers.map { images.blob($0) + ":application/vnd.oci.image.layer.v1.tar+gzip" }
        // In chunks of 1 MiB: the one client here that pushes so.
        return try await oras(["push", "--chunked", reference, config] + layers).digest()
    }

    func pull(_ reference: String) async throws -> PulledImage {
        let folder = parties.fresh("oras")
        let reported = try await oras(["pull", reference, folder]).digest()
        let image = try await PulledImage(filesIn: folder)
        guard image.digest == reported else {
            throw InteropFailure(description: "oras was told \(reported) and received \(image.digest)")
        }
        return image
    }
}

extension PulledImage {
    /// A folder of manifest.json and files named by their digests, hashed by sha256sum.
    init(filesIn folder: String) async throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }
        let sums = try await Command("sha256sum", files).output().split(separator: "\n").map(String.init)
        var digests: [String: String] = [:]
        for sum in sums {
            guard let file = sum.split(separator: "/").last else { continue }
            digests[String(file)] = "sha256:" + sum.prefix(64)
        }
        let manifest = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/manifest.json"))
        let facts = try await ImageFacts(digest: digests["manifest.json"] ?? "", manifest: manifest) { digest in
            try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(digest.dropFirst("sha256:".count))"))
        }
        func received(_ digest: String) -> String {
            digests[String(digest.dropFirst("sha256:".count))] ?? "nothing for \(digest)"
        }
        self.init(
            digest: facts.digest,
            config: received(facts.config),
            layers: .blobs(facts.layers.map(received))
        )
    }
}

import Foundation
import RegistryTesting

/// podman with a store of its own for each chain of commands.
///
/// It compresses layers anew when it pushes.
struct PodmanClient: ContainerRunner {
    let parties: Parties

    private func podman(_ store: String, _ arguments: String...) async throws -> String {
        try await parties.command(.podman, storage(store) + arguments).output()
    }

    func pushTestImage(to reference: String) async throws -> String {
        let (store, digest) = (parties.fresh("podman"), parties.fresh("digest"))
        _ = try await podman(store, "load", "--quiet", "--input", parties.images.archive)
        _ = try await podman(
            store,
            "push",
            "--quiet",
            "--tls-verify=false",
            "--digestfile",
            digest,
            TestImages.name,
            reference
        )
        return try String(contentsOfFile: digest, encoding: .utf8).digest()
    }

    func pull(_ reference: String) async throws -> PulledImage {
        let store = parties.fresh("podman")
        _ = try await podman(store, "pull", "--quiet", "--tls-verify=false", reference)
        let format = "{{.Digest}} {{.Id}} {{range .RootFS.Layers}}{{.}} {{end}}"
        return try PulledImage(printed: await podman(store, "image", "inspect", "--format", format, reference))
    }

    func run(_ script: String, in reference: String) async throws -> String {
        try await podman(
            parties.fresh("podman"),
            "run",
            "--rm",
            "--quiet",
            "--network",
            "none",
            "--tls-verify=false",
            reference,
            "/bin/sh",
            "-c",
            script
        )
    }
}

/// buildah with a store of its own for each chain of commands.
struct BuildahClient: ContainerRunner {
    let parties: Parties

    func buildah(_ store: String, _ arguments: String...) async throws -> String {
        try await parties.command(.buildah, storage(store) + arguments).output()
    }

    func pushTestImage(to reference: String) async throws -> String {
        let (store, digest) = (parties.fresh("buildah"), parties.fresh("digest"))
        _ = try await buildah(store, "pull", "--quiet", "oci-archive:\(parties.images.archive)")
        _ = try await buildah(
            store,
            "push",
            "--quiet",
            "--tls-verify=false",
            "--digestfile",
            digest,
            TestImages.name,
            "docker://\(reference)"
        )
        return try String(contentsOfFile: digest, encoding: .utf8).digest()
    }

    func pull(_ reference: String) async throws -> PulledImage {
        let store = parties.fresh("buildah")
        _ = try await buildah(store, "pull", "--quiet", "--tls-verify=false", "docker://\(reference)")
        let format = "{{.FromImageDigest}} {{.FromImageID}} {{range .OCIv1.RootFS.DiffIDs}}{{.}} {{end}}"
        return try PulledImage(
            printed: await buildah(store, "inspect", "--type", "image", "--format", format, reference)
        )
    }

    func run(_ script: String, in reference: String) async throws -> String {
        let store = parties.fresh("buildah")
        let container = try await buildah(store, "from", "--quiet", "--tls-verify=false", "docker://\(reference)")
        guard let name = container.words.last else { throw InteropFailure(description: "buildah named no container") }
        return try await buildah(store, "run", "--isolation", "chroot", name, "--", "/bin/sh", "-c", script)
    }
}

/// The flags that keep podman's and buildah's images in a folder.
private func storage(_ folder: String) -> [String] {
    ["--root", "\(folder)/root", "--runroot", "\(folder)/run", "--storage-driver", "overlay"]
}

extension PulledImage {
    /// The manifest's digest, the config's without its algorithm, and the layers unpacked, as both engines print them.
    fileprivate init(printed: String) throws {
        let words = printed.words
        guard words.count > 1 else { throw InteropFailure(description: "an engine printed: \(printed)") }
        self.init(digest: words[0], config: "sha256:" + words[1], layers: .diffs(Array(words.dropFirst(2))))
    }
}

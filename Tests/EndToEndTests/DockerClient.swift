import RegistryTesting

/// Debian's docker against the dockerd of the run.
///
/// It converts what it pushes to Docker's schema 2.
struct DockerClient: ContainerRunner {
    let parties: Parties

    func docker(_ arguments: String...) async throws -> String {
        try await parties.command(.docker, ["--host", "unix://\(parties.docker.socket)"] + arguments).output()
    }

    /// Removes every image, and with them the layers that a pull would otherwise not fetch again.
    func forget() async throws {
        _ = try await docker("image", "prune", "--all", "--force")
    }

    func loadTestImage(as reference: String) async throws {
        _ = try await docker("load", "--quiet", "--input", parties.images.dockerArchive)
        _ = try await docker("tag", TestImages.name, reference)
    }

    func pushTestImage(to reference: String) async throws -> String {
        try await loadTestImage(as: reference)
        return try await docker("push", reference).digest(after: "digest: ")
    }

    func pull(_ reference: String) async throws -> PulledImage {
        try await pull(reference, platform: "linux/\(TestImages.native)")
    }

    func pull(_ reference: String, platform: String) async throws -> PulledImage {
        try await forget()
        let digest = try await docker("pull", "--platform", platform, reference).digest(after: "Digest: ")
        let format = "{{.Id}} {{.Os}}/{{.Architecture}} {{range .RootFS.Layers}}{{.}} {{end}}"
        let facts = try await docker("image", "inspect", "--format", format, reference).words
        guard facts.count > 2, facts[1] == platform else {
            throw InteropFailure(description: "docker pulled \(facts) for \(platform)")
        }
        return PulledImage(digest: digest, config: facts[0], layers: .diffs(Array(facts[2...])))
    }

    func run(_ script: String, in reference: String) async throws -> String {
        try await forget()
        return try await docker(
            "run",
            "--rm",
            "--network",
            "none",
            "--pull",
            "always",
            reference,
            "/bin/sh",
            "-c",
            script
        )
    }
}

import ArgumentParser
import OCI
import RegistryContract
import Transfer

/// `wharf blob get`: writes the bytes of a blob.
struct BlobGet: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Write the bytes of a blob to standard output or to a file.",
        discussion: """
            The digest is checked; a file has its name only when it is right.

            Examples:
              wharf blob get localhost:5000/team/app@sha256:… > layer.tar.gz
              wharf blob get localhost:5000/team/app@sha256:… --to layer.tar.gz
            """
    )

    @Argument(
        help: ArgumentHelp("The repository, and the digest of the blob.", valueName: "repository@digest"),
        transform: Typed.location
    )
    var blob: ImageLocation

    @Option(help: ArgumentHelp("The file to write; - for standard output.", valueName: "file"))
    var to = "-"

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let place = try await registries.place(blob)
        guard case .digest(let digest)? = place.reference else {
            throw ValidationError("\(blob) names no blob: write repository@sha256:….")
        }
        let content = try await place.registry.blob(digest, in: place.repository)
        let stream = VerifiedStream(content.stream(from: 0), digest: digest, byteCount: content.byteCount)
        try await OutputFile.write(stream, to: to)
    }
}

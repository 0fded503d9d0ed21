import ArgumentParser
import OCI
import RegistryContract
import Transfer

/// `wharf copy`: copies an image from anywhere to anywhere.
struct CopyCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy an image from anywhere to anywhere: registries, OCI folders, archives.",
        discussion: """
            All platforms are copied, digests stay what they are. What the target has is not sent; what the same \
            registry has in another repository is mounted; a connection that breaks is taken up where it broke.

            Without a tag, the target gets the tag of the source. One that names a digest, image@sha256:…, is written \
            only if that is the digest of what would come there.

            Examples:
              wharf copy nginx:1.27 localhost:5000/library/nginx
              wharf copy localhost:5000/team/app:1.4 localhost:5000/prod/app --tag 1.4 --tag latest
              wharf copy nginx:1.27 oci:images:nginx --platform linux/arm64
              wharf copy docker-archive:app.tar registry.example.com/team/app:1.0
              wharf copy localhost:5000/team/app localhost:5001/team/app --all-tags --referrers
            """,
        aliases: ["cp"]
    )

    @Argument(help: ArgumentHelp("Where the image is.", valueName: "source"), transform: Typed.location)
    var source: ImageLocation

    @Argument(help: ArgumentHelp("Where it is to be.", valueName: "target"), transform: Typed.location)
    var target: ImageLocation

    @Option(
        name: .customLong("tag"),
        help: "A tag at the target, besides that of the target itself.",
        transform: Typed.tag
    )
    var tags: [Tag] = []

    @Flag(help: "Copy every tag of the repository.")
    var allTags = false

    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false

    @OptionGroup var options: CopyOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        guard !allTags || tags.isEmpty else {
            throw ValidationError("--all-tags keeps the tags as they are, so that --tag does not go with it")
        }
    }

    func run(with registries: Registries) async throws {
        try await registries.copy(
            CopyRequest(source: source, target: target, tags: tags, allTags: allTags, dryRun: dryRun),
            options: options,
            output: output
        )
    }
}

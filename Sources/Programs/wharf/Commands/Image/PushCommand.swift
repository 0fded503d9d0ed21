import ArgumentParser
import Imaging
import OCI
import RegistryContract

/// `wharf push`: brings images from files, or files as an artifact, into a registry.
struct PushCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Bring an image from a file or folder into a registry; or files, as an artifact.",
        discussion: """
            The file may be what `docker save`, `podman save` or `buildah push` wrote, or an OCI layout. With \
            --artifact-type the files themselves become an artifact, as ORAS makes them.

            Examples:
              wharf push app.tar localhost:5000/team/app:1.4
              wharf push oci:images:1.4 localhost:5000/team/app:1.4
              wharf push model.bin README.md localhost:5000/team/model:1 --artifact-type application/vnd.team.model
            """
    )

    @Argument(
        help: ArgumentHelp("What is brought: an image in files, or the files of an artifact.", valueName: "source")
    )
    var sources: [String]

    @Option(
        help: ArgumentHelp("Make an artifact of this type of the files.", valueName: "type"),
        transform: Typed.mediaType
    )
    var artifactType: MediaType?

    @Option(
        name: .customLong("annotation"),
        help: ArgumentHelp("An annotation of the artifact.", valueName: "name=value"),
        transform: Typed.assignment
    )
    var annotations: [NamedText] = []

    @Option(name: .customLong("tag"), help: "A further tag.", transform: Typed.tag)
    var tags: [Tag] = []

    @Flag(help: "Say what would change, and push nothing.")
    var dryRun = false

    @OptionGroup var options: CopyOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        guard sources.count >= 2 else {
            throw ValidationError("Say what is pushed, and where it goes: push SOURCE TARGET.")
        }
        guard artifactType != nil || sources.count == 2 else {
            throw ValidationError("Several files are an artifact: say what it is with --artifact-type.")
        }
        guard artifactType != nil || annotations.isEmpty else {
            throw ValidationError("--annotation is for artifacts; for images see `wharf annotate`.")
        }
        guard artifactType == nil || !dryRun else {
            throw ValidationError("--dry-run is for images, and does not go with --artifact-type.")
        }
        _ = try target
    }

    private var target: ImageLocation {
        get throws { try Typed.location(sources.last ?? "") }
    }

    func run(with registries: Registries) async throws {
        guard let artifactType else {
            let source = try ImageFile.typed(sources[0])
            let request = CopyRequest(source: source, target: try target, tags: tags, dryRun: dryRun)
            return try await registries.copy(request, options: options, output: output)
        }
        let files = try sources.dropLast().map(ArtifactPlan.File.init(typed:))
        let plan = ArtifactPlan(artifactType: artifactType, files: files, annotations: annotations)
        let location = try target
        let draft = try await plan.draft()
        try location.demand(draft.root.digest)
        let named = location.tagBesideDigest.map { [$0] } ?? []
        try await registries.push(
            draft,
            to: location,
            tags: named + tags.filter { !named.contains($0) },
            quiet: options.quiet,
            output: output
        )
    }
}

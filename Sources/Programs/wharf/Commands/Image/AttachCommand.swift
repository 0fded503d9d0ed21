import ArgumentParser
import Imaging
import OCI
import RegistryContract
import Transfer

/// `wharf attach`: puts files beside an image, as an artifact that refers to it.
struct AttachCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Put files beside an image, as an artifact that refers to it.",
        discussion: """
            What is attached is found by `wharf discover`, goes along with `wharf copy --referrers`, and is written \
            back to files by `wharf pull`.

            Examples:
              wharf attach localhost:5000/team/app:1.4 sbom.spdx.json --artifact-type application/spdx+json
              wharf attach localhost:5000/team/app:1.4 report.txt:text/plain --artifact-type application/vnd.team.report
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Argument(help: ArgumentHelp("Files, each maybe with its media type.", valueName: "file[:type]"))
    var files: [String]

    @Option(help: ArgumentHelp("What the artifact is, as a media type.", valueName: "type"), transform: Typed.mediaType)
    var artifactType: MediaType

    @Option(
        name: .customLong("annotation"),
        help: ArgumentHelp("An annotation of the artifact.", valueName: "name=value"),
        transform: Typed.assignment
    )
    var annotations: [NamedText] = []

    @Option(help: "Of an image for several platforms, the one for this.", transform: Typed.platform)
    var platform: Platform?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image, forChange: true)
        let subject =
            platform == nil
            ? try await place.registry.descriptor(of: place.wanted, in: place.repository)
            : try await place.image(for: platform).manifest.descriptor
        let plan = ArtifactPlan(
            artifactType: artifactType,
            files: try files.map(ArtifactPlan.File.init(typed:)),
            subject: subject,
            annotations: annotations
        )
        let draft = try await plan.draft()
        let result = try await registries.writing(image) { target in
            let report = try await draft.push(to: target.place, tags: [])
            return AttachedArtifact(report.root, to: subject)
        }
        guard output.form == .table, output.field == nil else { return try output.show(document: result) }
        print(result.digest)
    }
}

/// What was attached, shown.
struct AttachedArtifact: Encodable {
    /// The digest of the artifact.
    var digest: String
    /// The digest of what it refers to.
    var subject: String

    init(_ artifact: Descriptor, to subject: Descriptor) {
        digest = artifact.digest.description
        self.subject = subject.digest.description
    }
}

extension ArtifactPlan.File {
    /// Reads `path` or `path:type/subtype`.
    init(typed text: String) throws {
        if let colon = text.lastIndex(of: ":"), let type = MediaType(text[text.index(after: colon)...]) {
            self.init(String(text[..<colon]), mediaType: type)
        } else {
            self.init(text)
        }
    }
}

import ArgumentParser
import Imaging
import OCI
import RegistryContract

/// `wharf pull`: brings an image into a folder, or the files of an artifact.
struct PullCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Bring an image into a folder or archive; of an artifact, its files.",
        discussion: """
            No daemon is needed: the image goes to an OCI layout, oci:NAME in the folder where you are, or where --to \
            says. The files of an artifact go to the folder of --into, under the names that they \
            bear; an image has none.

            Examples:
              wharf pull nginx:1.27
              wharf pull nginx:1.27 --to docker-archive:nginx.tar --platform linux/amd64
              wharf pull localhost:5000/team/model:1 --into model
            """
    )

    @Argument(help: ArgumentHelp("The image or artifact.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Option(help: ArgumentHelp("Where the image goes.", valueName: "target"), transform: Typed.location)
    var to: ImageLocation?

    @Option(help: ArgumentHelp("The folder for the files of an artifact.", valueName: "dir"))
    var into: String?

    @Flag(help: "Replace files that are there.")
    var overwrite = false

    @OptionGroup var options: CopyOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        guard to == nil || into == nil else {
            throw ValidationError("--to is for images and --into for the files of an artifact: give one of them")
        }
    }

    func run(with registries: Registries) async throws {
        let source = try await registries.place(image)
        var isArtifact = into != nil
        if !isArtifact, to == nil { isArtifact = try await source.isArtifact }
        guard isArtifact else {
            let request = CopyRequest(source: image, target: to ?? Self.standardTarget(for: source))
            return try await registries.copy(request, options: options, output: output)
        }
        if into != nil, try await !source.hasFiles {
            throw Failure(
                description: "\(image) is no artifact: an image goes into a folder with `wharf pull \(image) --to "
                    + "oci:DIR`, and one of an index of artifacts is named by its digest."
            )
        }
        let reader = ArtifactReader(source.place)
        let display = ProgressDisplay.standard(quiet: options.quiet, verbose: connection.verbose)
        let files = try await reader.files(of: source.wanted)
        let paths = try await display.whileShown {
            try await reader.write(
                files,
                into: into ?? ".",
                overwrites: overwrite,
                observer: ProgressObserver(display: display)
            )
        }
        guard output.form == .table, output.field == nil else { return try output.show(document: paths) }
        for path in paths { DocumentText.print(path) }
    }

    /// A layout named after the last part of the repository, with the tag of the image.
    private static func standardTarget(for source: OpenedLocation) -> ImageLocation {
        let name = source.repository.components.last.map(String.init) ?? "image"
        guard case .tag(let tag)? = source.reference else { return .layout(path: name, .tag(ImageReference.latest)) }
        return .layout(path: name, .tag(tag))
    }
}

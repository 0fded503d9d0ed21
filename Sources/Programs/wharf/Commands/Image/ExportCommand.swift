import ArgumentParser
import OCI

/// `wharf export`: writes images into one file.
struct ExportCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write an image, or a whole repository, into one file that can be carried.",
        discussion: """
            An oci archive holds everything: all platforms, what refers to the image, every tag with --all-tags. A \
            docker archive holds images for one platform, and is what `docker load` reads.

            Examples:
              wharf export nginx:1.27 nginx.tar
              wharf export localhost:5000/team/app app.tar --all-tags --referrers
              wharf export nginx:1.27 nginx.tar --kind docker --platform linux/amd64
            """
    )

    /// The kinds of file.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case oci
        case docker
    }

    @Argument(
        help: ArgumentHelp("The image, or with --all-tags the repository.", valueName: "image"),
        transform: Typed.location
    )
    var image: ImageLocation

    @Argument(help: ArgumentHelp("The file to write.", valueName: "file"))
    var file: String

    @Option(help: "Which kind of file.")
    var kind = Kind.oci

    @Flag(help: "Every tag of the repository.")
    var allTags = false

    @OptionGroup var options: CopyOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let target: ImageLocation =
            switch (kind, image) {
            case (.oci, _): .layoutArchive(path: file, nil)
            case (.docker, .registry(let reference)):
                .dockerArchive(path: file, reference.digest == nil ? reference : nil)
            case (.docker, _): .dockerArchive(path: file, nil)
            }
        try await registries.copy(
            CopyRequest(source: image, target: target, allTags: allTags),
            options: options,
            output: output
        )
    }
}

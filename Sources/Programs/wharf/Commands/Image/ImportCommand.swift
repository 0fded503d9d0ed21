import ArgumentParser
import OCI

/// `wharf import`: brings the images of a file into a repository.
struct ImportCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring the images of a file or folder into a repository, with all their tags.",
        discussion: """
            It reads what `wharf export`, `docker save`, `podman save` and the like wrote, and OCI layouts. Every tag \
            of the file comes along; to bring one image under another name, see `wharf push`.

            Examples:
              wharf import app.tar localhost:5000/team/app
              wharf import layout-folder localhost:5000/team/app --referrers
            """
    )

    @Argument(help: ArgumentHelp("The file or folder.", valueName: "file"))
    var file: String

    @Argument(help: ArgumentHelp("The repository.", valueName: "repository"), transform: Typed.location)
    var repository: ImageLocation

    @OptionGroup var options: CopyOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let request = CopyRequest(source: try ImageFile.typed(file), target: repository, allTags: true)
        try await registries.copy(request, options: options, output: output)
    }
}

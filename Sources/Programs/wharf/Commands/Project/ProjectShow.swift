import AdminClient
import ArgumentParser

/// `wharf project show`: shows a project.
struct ProjectShow: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a project.",
        discussion: """
            Example: wharf project show team
            """
    )

    @Argument(help: "The name of the project.")
    var name: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.project(name).value)
    }
}

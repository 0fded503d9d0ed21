import AdminClient
import ArgumentParser

/// `wharf project list`: shows the projects that you may see.
struct ProjectList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the projects that you may see.",
        discussion: """
            Example: wharf project list
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.projects().all())
    }
}

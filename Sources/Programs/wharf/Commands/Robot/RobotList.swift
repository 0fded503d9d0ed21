import AdminClient
import ArgumentParser

/// `wharf robot list`: shows robots.
struct RobotList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show robots.",
        discussion: """
            Example: wharf robot list --project team
            """
    )

    @Option(help: "Those of a project alone.")
    var project: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.robots(of: project).all())
    }
}

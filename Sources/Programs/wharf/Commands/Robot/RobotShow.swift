import AdminClient
import ArgumentParser

/// `wharf robot show`: shows a robot.
struct RobotShow: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a robot.",
        discussion: """
            Example: wharf robot show team+ci -o yaml
            """
    )

    @Argument(help: "The name that it logs in with: PROJECT+NAME for one of a project.")
    var name: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.robot(name).value)
    }
}

import AdminClient
import ArgumentParser

/// `wharf project rule list`: shows the rules of a project.
struct ProjectRuleList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the rules of a project that say which tags stay where they are.",
        discussion: """
            Example: wharf project rule list team
            """
    )

    @Argument(help: "The name of the project.")
    var project: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.tagRules(of: project).all())
    }
}

import AdminClient
import ArgumentParser

/// `wharf project rule delete`: deletes rules of a project.
struct ProjectRuleDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete rules of a project that say which tags stay where they are.",
        discussion: """
            Example: wharf project rule delete team releases
            """
    )

    @Argument(help: "The name of the project.")
    var project: String

    @Argument(help: "The names of the rules.")
    var names: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for name in names {
            try await client.deleteTagRule(name, of: project)
            Remark.print("The rule \(name) of the project \(project) is deleted.")
        }
    }
}

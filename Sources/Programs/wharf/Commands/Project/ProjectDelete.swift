import AdminClient
import ArgumentParser

/// `wharf project delete`: deletes projects that have no robots; their repositories stay.
struct ProjectDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete projects that have no robots and no rules. Their repositories stay.",
        discussion: """
            Example: wharf project delete team
            """
    )

    @Argument(help: "The names of the projects.")
    var names: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for name in names {
            try await client.deleteProject(name)
            Remark.print("The project \(name) is deleted; its repositories stay.")
        }
    }
}

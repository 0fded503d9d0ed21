import AdminClient
import ArgumentParser

/// `wharf project delete`: deletes projects that have no robots, with their repositories or without.
struct ProjectDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete projects that have no robots and no rules. Their repositories stay, or go to the trash.",
        discussion: """
            Examples:
              wharf project delete team
              wharf project delete team --with-repositories
            """
    )

    @Argument(help: "The names of the projects.")
    var names: [String]

    @Flag(help: "Delete their repositories as well: each goes to the trash by itself.")
    var withRepositories = false

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for name in names {
            try await client.deleteProject(name, withRepositories: withRepositories)
            let what = withRepositories ? "and so are its repositories" : "its repositories stay"
            Remark.print("The project \(name) is deleted; \(what).")
        }
    }
}

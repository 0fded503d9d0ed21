import AdminClient
import ArgumentParser

/// `wharf project delete`: deletes projects that have no robots, with their repositories or without.
struct ProjectDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete projects that have no robots. Their repositories stay, or go with them to the trash.",
        discussion: """
            The roles in a project and its rules of tags come back with it (`wharf trash restore`). Where its \
            repositories stay, it must have no rules.

            Examples:
              wharf project delete team
              wharf project delete team --with-repositories
            """
    )

    @Argument(help: "The names of the projects.")
    var names: [String]

    @Flag(help: "Delete their repositories as well.")
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

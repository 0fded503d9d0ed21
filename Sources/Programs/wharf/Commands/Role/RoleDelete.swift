import AdminClient
import ArgumentParser

/// `wharf role delete`: deletes roles that nobody has.
struct RoleDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete roles that nobody has.",
        discussion: """
            Example: wharf role delete developer
            """
    )

    @Argument(help: "The names of the roles.")
    var names: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for name in names {
            try await client.deleteRole(name)
            Remark.print("The role \(name) is deleted.")
        }
    }
}

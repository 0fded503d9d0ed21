import AdminClient
import ArgumentParser

/// `wharf user delete`: deletes users, with their tokens, sessions, roles and places in groups.
struct UserDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete users, with their tokens, sessions, roles and places in groups.",
        discussion: """
            Example: wharf user delete alice
            """
    )

    @Argument(help: "The names of the users.")
    var names: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for name in names {
            try await client.deleteUser(name)
            Remark.print("The user \(name) is deleted.")
        }
    }
}

import AdminClient
import ArgumentParser

/// `wharf user list`: shows all users.
struct UserList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show all users.",
        discussion: """
            Example: wharf user list -o json
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.users().all())
    }
}

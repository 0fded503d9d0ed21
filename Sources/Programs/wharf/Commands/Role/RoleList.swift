import AdminClient
import ArgumentParser

/// `wharf role list`: shows all roles, built in and your own.
struct RoleList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show all roles, built in and your own.",
        discussion: """
            Example: wharf role list
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.roles().all())
    }
}

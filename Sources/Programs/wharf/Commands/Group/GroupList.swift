import AdminClient
import ArgumentParser

/// `wharf group list`: shows all groups.
struct GroupList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show all groups.",
        discussion: """
            Example: wharf group list
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.groups().all())
    }
}

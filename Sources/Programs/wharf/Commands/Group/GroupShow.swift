import AdminClient
import ArgumentParser

/// `wharf group show`: shows a group.
struct GroupShow: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a group.",
        discussion: """
            Example: wharf group show web
            """
    )

    @Argument(help: "The name of the group.")
    var name: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.group(name).value)
    }
}

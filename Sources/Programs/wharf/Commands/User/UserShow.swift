import AdminClient
import ArgumentParser

/// `wharf user show`: shows a user.
struct UserShow: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a user.",
        discussion: """
            Example: wharf user show alice
            """
    )

    @Argument(help: "The name of the user.")
    var name: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.user(name).value)
    }
}

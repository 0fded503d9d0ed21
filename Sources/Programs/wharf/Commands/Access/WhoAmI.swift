import AdminClient
import ArgumentParser

/// `wharf whoami`: shows who you are to the server, and what you may manage.
struct WhoAmI: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show who you are to the server, and what you may manage.",
        discussion: """
            Example: wharf whoami --server https://registry.example.com --user alice
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.caller())
    }
}

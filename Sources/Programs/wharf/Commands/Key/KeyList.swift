import AdminClient
import ArgumentParser

/// `wharf key list`: shows the keys that sign tokens.
struct KeyList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the keys that sign tokens.",
        discussion: """
            Example: wharf key list
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.keys().all())
    }
}

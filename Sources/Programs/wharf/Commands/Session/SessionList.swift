import AdminClient
import ArgumentParser

/// `wharf session list`: shows sessions.
struct SessionList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show sessions.",
        discussion: """
            Example: wharf session list --for alice
            """
    )

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Whose: a user's, or everybody's for '*'; without it your own, and with --data everybody's.",
            valueName: "name"
        )
    )
    var owner: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        // Over the socket nobody has sessions of their own.
        let owner = owner ?? (connection.isLocal ? "*" : nil)
        try output.show(try await client.sessions(of: owner).all())
    }
}

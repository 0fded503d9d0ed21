import AdminClient
import ArgumentParser

/// `wharf token list`: shows personal tokens.
struct TokenList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show personal tokens.",
        discussion: """
            Example: wharf token list --for alice
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
        // Over the socket nobody has tokens of their own.
        let owner = owner ?? (connection.isLocal ? "*" : nil)
        try output.show(try await client.tokens(of: owner).all())
    }
}

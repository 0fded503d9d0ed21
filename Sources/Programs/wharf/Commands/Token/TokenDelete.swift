import AdminClient
import ArgumentParser

/// `wharf token delete`: takes personal tokens back.
struct TokenDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Take personal tokens back.",
        discussion: """
            Example: wharf token delete 4f1c…
            """
    )

    @Argument(help: "The ids of the tokens.")
    var ids: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for id in ids {
            try await client.deleteToken(id)
            Remark.print("The token \(id) is deleted.")
        }
    }
}

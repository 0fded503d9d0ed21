import AdminClient
import ArgumentParser

/// `wharf key delete`: takes keys away, and with them every token that they signed.
struct KeyDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Take keys away, and with them at once every token that they signed.",
        discussion: """
            For a key that somebody else has got: first wharf key rotate, then this.

            Example: wharf key delete 4xJb…
            """
    )

    @Argument(help: "The ids of the keys.")
    var ids: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for id in ids {
            try await client.deleteKey(id)
            Remark.print("The key \(id) is deleted.")
        }
    }
}

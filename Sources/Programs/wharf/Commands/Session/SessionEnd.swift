import AdminClient
import ArgumentParser

/// `wharf session end`: ends sessions.
struct SessionEnd: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End sessions.",
        discussion: """
            Example: wharf session end 4f1c…
            """
    )

    @Argument(help: "The ids of the sessions.")
    var ids: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for id in ids {
            try await client.endSession(id)
            Remark.print("The session \(id) is ended.")
        }
    }
}

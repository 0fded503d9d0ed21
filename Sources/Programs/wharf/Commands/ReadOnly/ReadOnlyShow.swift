import AdminClient
import AdminModel
import ArgumentParser

/// `wharf read-only show`: shows what nobody may change.
struct ReadOnlyShow: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what nobody may change, and why.",
        discussion: """
            What a server was started with (storage.read-only) is not among it.

            Example: wharf read-only show
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.readOnly().all())
    }
}

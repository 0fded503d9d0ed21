import AdminClient
import ArgumentParser

/// `wharf quota list`: shows all quotas, and how much of them is used.
struct QuotaList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show all quotas, and how much of them is used.",
        discussion: """
            Example: wharf quota list
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.quotas().all())
    }
}

import AdminClient
import ArgumentParser

/// `wharf quota show`: shows a quota, and how much of it is used.
struct QuotaShow: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a quota, and how much of it is used.",
        discussion: """
            Example: wharf quota show team
            """
    )

    @OptionGroup var what: QuotaPlaceOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.quota(of: what.place))
    }
}

import AdminClient
import ArgumentParser

/// `wharf quota delete`: ends a quota.
struct QuotaDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "End a quota: nothing is counted or refused for it any more.",
        discussion: """
            Example: wharf quota delete team
            """
    )

    @OptionGroup var what: QuotaPlaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try await client.deleteQuota(of: what.place)
        Remark.print("The quota of \(what.phrase) is deleted.")
    }
}

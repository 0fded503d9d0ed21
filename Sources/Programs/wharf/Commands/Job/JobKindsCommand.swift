import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job kinds`: shows what jobs can do.
struct JobKindsCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "kinds",
        abstract: "Show what jobs can do: the kinds that `wharf job run` takes.",
        discussion: """
            Example: wharf job kinds
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.jobKinds().all())
    }
}

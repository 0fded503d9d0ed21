import AdminClient
import ArgumentParser

/// `wharf job show`: shows a job.
struct JobShowCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a job: how far it is, who asked for it, what came of it.",
        discussion: """
            Example: wharf job show 12 -o yaml
            """
    )

    @Argument(help: "The number of the job.")
    var id: Int64

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(JobDetails(try await client.job(id)))
    }
}

import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job cancel`: ends jobs.
struct JobCancelCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End jobs: at once where they wait, and within seconds where they run.",
        discussion: """
            Example: wharf job cancel 12
            """
    )

    @Argument(help: "The numbers of the jobs.")
    var ids: [Int64]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for id in ids {
            let job = try await client.cancelJob(id)
            Remark.print(job.hasEnded ? "The job \(id) is cancelled." : "The job \(id) ends soon: it is running.")
        }
    }
}

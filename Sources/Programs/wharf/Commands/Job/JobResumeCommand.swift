import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job resume`: has jobs go on that were paused.
struct JobResumeCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Have jobs go on that were paused, where they stopped.",
        discussion: """
            Example: wharf job resume 12
            """
    )

    @Argument(help: "The numbers of the jobs.")
    var ids: [Int64]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for id in ids {
            let job = try await client.resumeJob(id)
            Remark.print("The job \(id) is \(job.state).")
        }
    }
}

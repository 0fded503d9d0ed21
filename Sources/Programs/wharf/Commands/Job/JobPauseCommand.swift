import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job pause`: has jobs wait until they are resumed.
struct JobPauseCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Have jobs wait until they are resumed.",
        discussion: """
            A job that runs stops within seconds, and keeps what it has done.

            Example: wharf job pause 12
            """
    )

    @Argument(help: "The numbers of the jobs.")
    var ids: [Int64]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for id in ids {
            let job = try await client.pauseJob(id)
            let isThere = job.state == "paused"
            Remark.print(isThere ? "The job \(id) is paused." : "The job \(id) pauses soon: it is running.")
        }
    }
}

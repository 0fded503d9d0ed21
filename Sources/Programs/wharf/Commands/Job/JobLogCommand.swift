import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job log`: shows what a job said.
struct JobLogCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show what a job said.",
        discussion: """
            Example: wharf job log 12 --follow
            """
    )

    @Argument(help: "The number of the job.")
    var id: Int64

    @Flag(name: .shortAndLong, help: "Show what it says until it ends.")
    var follow = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !follow || (output.form == .table && output.field == nil) else {
            throw ValidationError("--follow writes lines as they come: leave out -o and --format")
        }
    }

    func run(with client: AdminClient) async throws {
        if follow {
            var following = JobFollowing(client: client, id: id)
            _ = try await following.untilEnd { DocumentText.print($0.sentence) }
        } else if output.form == .table, output.field == nil {
            for try await line in client.jobLog(of: id) { DocumentText.print(line.sentence) }
        } else {
            try output.show(document: try await client.jobLog(of: id).all())
        }
    }
}

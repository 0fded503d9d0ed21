import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job list`: shows jobs, the newest first.
struct JobListCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show jobs, the newest first.",
        discussion: """
            Example: wharf job list --state failed
            """
    )

    /// How far a job has come.
    enum State: String, ExpressibleByArgument, CaseIterable {
        case queued
        case running
        case paused
        case succeeded
        case failed
        case cancelled
    }

    @Option(help: ArgumentHelp("Those of a kind alone, such as uploads.sweep.", valueName: "kind"))
    var kind: String?

    @Option(help: "Those in a state alone.")
    var state: State?

    @Option(help: "How many at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run(with client: AdminClient) async throws {
        var found: [Job] = []
        for try await job in client.jobs(kind: kind, state: state?.rawValue) {
            found.append(job)
            if found.count == limit { break }
        }
        try output.show(found)
    }
}

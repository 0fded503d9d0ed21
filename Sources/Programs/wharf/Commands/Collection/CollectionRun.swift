import AdminClient
import AdminModel
import ArgumentParser

/// `wharf gc run`: has a run done now.
struct CollectionRun: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Have what is due removed now, and not only when the hour comes.",
        discussion: """
            Nothing goes before its time: what is due is what nothing has needed for gc.grace, and no repository has \
            had for gc.quarantine. With --survey everything is looked at for what nobody has noted, as an older \
            program leaves it; that takes as long as there is much. It is `wharf job run gc.run`, or gc.survey.

            Example: wharf gc run
            """
    )

    @Flag(help: "Look at everything for what nobody has noted, in place of removing what is due.")
    var survey = false

    @Flag(help: "Do not wait until it ends.")
    var detach = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let made = try await client.run(NewJob(kind: survey ? "gc.survey" : "gc.run"))
        guard !detach else { return try output.show(JobDetails(made.job)) }
        try await JobWait(client: client, made: made).end(output)
    }
}

import ArgumentParser

/// `wharf job`: the commands about work that lasts.
struct JobCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Show, run, pause and cancel jobs: work that lasts.",
        discussion: "Example: wharf job run uploads.sweep --wait",
        subcommands: [
            JobListCommand.self, JobShowCommand.self, JobLogCommand.self, JobRunCommand.self, JobCancelCommand.self,
            JobPauseCommand.self, JobResumeCommand.self, JobSchedulesCommand.self, JobKindsCommand.self,
        ]
    )
}

import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job schedules`: shows when which jobs are put by themselves, and pauses that.
struct JobSchedulesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules",
        abstract: "Show when which jobs are put by themselves, pause schedules, and have them go on.",
        discussion: """
            A schedule that goes on makes good once what it has missed.

            Examples:
              wharf job schedules
              wharf job schedules --pause uploads.sweep
              wharf job schedules --resume uploads.sweep
            """
    )

    @Option(help: ArgumentHelp("A schedule that is to put no more jobs. May be repeated.", valueName: "name"))
    var pause: [String] = []

    @Option(help: ArgumentHelp("A paused schedule that is to go on. May be repeated.", valueName: "name"))
    var resume: [String] = []

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let both = pause.first(where: { resume.contains($0) }) {
            throw ValidationError("--pause and --resume are both given for \(both)")
        }
    }

    func run(with client: AdminClient) async throws {
        for name in pause { _ = try await client.changeJobSchedule(name, JobScheduleChange(isPaused: true)) }
        for name in resume { _ = try await client.changeJobSchedule(name, JobScheduleChange(isPaused: false)) }
        try output.show(try await client.jobSchedules().all())
    }
}

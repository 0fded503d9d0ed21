import AdminClient
import AdminModel
import ArgumentParser

/// `wharf job run`: has a job done, and waits for its end where it is asked to.
struct JobRunCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Have a job done, by whichever server has room for it.",
        discussion: """
            `wharf job kinds` shows what there is to be done. Where a job does the same already, that one is shown, \
            and waited for; where that one was cancelled and has not ended yet, or was asked with other arguments, \
            the command is refused. What the job says goes to standard error. The command ends with 0 where the job \
            succeeded, and with 1 where it failed or was cancelled. A wait that is broken off leaves the job as it is.

            Examples:
              wharf job run uploads.sweep
              wharf job run uploads.sweep --wait
            """
    )

    @Argument(help: "What it is to do: see `wharf job kinds`.")
    var kind: String

    @Option(
        name: .customLong("argument"),
        help: ArgumentHelp("What it is asked with. May be repeated.", valueName: "name=value")
    )
    var arguments: [JobArgument] = []

    @Flag(name: .shortAndLong, help: "Wait until it ends.")
    var wait = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        let names = arguments.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("--argument \(twice) is given twice")
        }
    }

    func run(with client: AdminClient) async throws {
        let values = Dictionary(arguments.map { ($0.name, $0.value) }) { first, _ in first }
        let made = try await client.run(NewJob(kind: kind, arguments: values.isEmpty ? nil : values))
        let waiting = JobWait(client: client, made: made)
        guard wait else {
            waiting.remark()
            return try output.show(JobDetails(made.job))
        }
        try await waiting.end(output)
    }
}

/// An argument of a job, as it is typed.
struct JobArgument: ExpressibleByArgument, Sendable {
    let name: String
    let value: String

    init?(argument: String) {
        let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard sides.count == 2, !sides[0].isEmpty else { return nil }
        (name, value) = (sides[0], sides[1])
    }
}

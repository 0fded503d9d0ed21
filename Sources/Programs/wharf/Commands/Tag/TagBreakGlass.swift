import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf tag break-glass`: lets a tag move for a while, whatever holds it.
struct TagBreakGlass: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "break-glass",
        abstract: "Let a tag move and go for a while, whatever rules and locks hold it.",
        discussion: """
            For those who manage the project. The audit tells of it, and of each move and deletion that something \
            would have held.

            Examples:
              wharf tag break-glass localhost:5000/team/app:1.2 --reason 'key leaked in 1.2' --for 30m
              wharf tag break-glass team/app:1.2 --close
            """
    )

    @Argument(help: TaggedName.help)
    var name: TaggedName

    @Option(help: "Why, for the audit.")
    var reason: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("For how long, such as 30m; 24h at most, 15m without it.", valueName: "time")
    )
    var duration: TimeSpan?

    @Flag(help: "Close it before its time.")
    var close = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { name.host }

    func validate() throws {
        guard close || reason != nil else { throw ValidationError("say why: --reason") }
        guard !close || (reason == nil && duration == nil) else {
            throw ValidationError("--close goes without --reason and --for")
        }
    }

    func run(with client: AdminClient) async throws {
        guard let reason, !close else {
            try await client.closeGlass(name.tag, in: name.repository)
            return Remark.print("Rules and locks hold \(name.repository):\(name.tag) again.")
        }
        let seconds = duration.map { Int64($0.seconds) }
        let glass = NewTagGlass(repository: name.repository, tag: name.tag, reason: reason, seconds: seconds)
        try output.show(try await client.breakGlass(glass))
    }
}

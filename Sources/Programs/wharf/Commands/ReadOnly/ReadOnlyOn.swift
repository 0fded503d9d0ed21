import AdminClient
import AdminModel
import ArgumentParser

/// `wharf read-only on`: keeps the registry, or a project, from being changed.
struct ReadOnlyOn: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "on",
        abstract: "Keep the registry, or a project, from being changed.",
        discussion: """
            Pulls go on; pushes and deletions are refused with the reason. Other servers of the installation know of \
            it within two seconds.

            Examples:
              wharf read-only on --reason 'moving to new disks until noon'
              wharf read-only on team --reason 'frozen for the audit'
            """
    )

    @Argument(help: "The project; without it, everything.")
    var project: String?

    @Option(help: "Why, for whoever is refused.")
    var reason: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let scope = project ?? ReadOnly.everything
        try output.show(try await client.setReadOnly(scope, ReadOnlyReason(reason: reason)))
    }
}

import AdminClient
import AdminModel
import ArgumentParser

/// `wharf read-only off`: lets the registry, or a project, be changed again.
struct ReadOnlyOff: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "Let the registry, or a project, be changed again.",
        discussion: """
            Example: wharf read-only off team
            """
    )

    @Argument(help: "The project; without it, everything. Projects that are read-only themselves stay so.")
    var project: String?

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try await client.deleteReadOnly(project ?? ReadOnly.everything)
        Remark.print("\(project.map { "The project \($0)" } ?? "The registry") can be changed again.")
    }
}

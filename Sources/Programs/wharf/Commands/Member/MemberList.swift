import AdminClient
import ArgumentParser

/// `wharf member list`: shows who has which roles.
struct MemberList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show who has which roles.",
        discussion: """
            Example: wharf member list --project team
            """
    )

    @Option(help: "The project that the roles are held in; without it they are held everywhere.")
    var project: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.members(of: project).all())
    }
}

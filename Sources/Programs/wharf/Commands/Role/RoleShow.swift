import AdminClient
import ArgumentParser

/// `wharf role show`: shows a role.
struct RoleShow: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a role.",
        discussion: """
            Example: wharf role show developer -o yaml
            """
    )

    @Argument(help: "The name of the role.")
    var name: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.role(name).value)
    }
}

import AdminClient
import AdminModel
import ArgumentParser

/// `wharf member set`: says which roles somebody has: all of them.
struct MemberSet: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Say which roles somebody has: all of them.",
        discussion: """
            Example: wharf member set alice writer --project team
            """
    )

    @Argument(help: SubjectArgument.help)
    var subject: SubjectArgument

    @Argument(help: "All the roles that they are to have there.")
    var roles: [String]

    @Option(help: "The project that the roles are held in; without it they are held everywhere.")
    var project: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let member = try await client.setMember(subject.text, of: project, MemberRoles(roles: roles))
        try output.show(member)
    }
}

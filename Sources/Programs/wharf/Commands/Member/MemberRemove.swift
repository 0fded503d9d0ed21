import AdminClient
import AdminModel
import ArgumentParser

/// `wharf member remove`: takes all roles from somebody.
struct MemberRemove: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take all roles from somebody.",
        discussion: """
            Example: wharf member remove group:web --project team
            """
    )

    @Argument(help: SubjectArgument.help)
    var subject: SubjectArgument

    @Option(help: "The project that the roles are held in; without it they are held everywhere.")
    var project: String?

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let current = try await client.member(subject.text, of: project)
        _ = try await client.setMember(subject.text, of: project, MemberRoles(roles: []), if: current.isUnchanged)
        Remark.print("\(subject.text) has no role \(project.map { "in the project \($0)" } ?? "everywhere") any more.")
    }
}

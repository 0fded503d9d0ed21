import AdminClient
import ArgumentParser

/// `wharf group delete`: deletes groups that have no roles.
struct GroupDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete groups that have no roles.",
        discussion: """
            Example: wharf group delete web
            """
    )

    @Argument(help: "The names of the groups.")
    var names: [String]

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        for name in names {
            try await client.deleteGroup(name)
            Remark.print("The group \(name) is deleted.")
        }
    }
}

import AdminClient
import ArgumentParser
import OCI

/// `wharf tag unlock`: takes the lock of a tag away.
struct TagUnlockCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Take the lock of a tag away.",
        discussion: """
            Example: wharf tag unlock localhost:5000/team/app:1.2
            """
    )

    @Argument(help: TaggedName.help)
    var name: TaggedName

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { name.host }

    func run(with client: AdminClient) async throws {
        try await client.unlock(name.tag, in: name.repository)
        Remark.print("The tag \(name.repository):\(name.tag) is not locked any more.")
    }
}

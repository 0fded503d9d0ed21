import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf tag lock`: locks a tag.
struct TagLockCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Lock a tag: whatever roles somebody has, it neither moves nor goes.",
        discussion: """
            For those who manage the project. What the tag points to stays as well.

            Example: wharf tag lock localhost:5000/team/app:1.2 --reason 'in use at the fair'
            """
    )

    @Argument(help: TaggedName.help)
    var name: TaggedName

    @Option(help: "Why, for those who are refused and for the audit.")
    var reason: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { name.host }

    func run(with client: AdminClient) async throws {
        let lock = NewTagLock(repository: name.repository, tag: name.tag, reason: reason)
        try output.show(try await client.lock(lock))
    }
}

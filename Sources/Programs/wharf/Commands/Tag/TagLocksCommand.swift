import AdminClient
import ArgumentParser
import OCI

/// `wharf tag locks`: shows the tags of a repository that are locked.
struct TagLocksCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "locks",
        abstract: "Show the tags of a repository that are locked by hand.",
        discussion: """
            Example: wharf tag locks localhost:5000/team/app
            """
    )

    @Argument(help: ArgumentHelp(stringLiteral: ServedRepository.help))
    var repository: ServedRepository

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { repository.host }

    func run(with client: AdminClient) async throws {
        try output.show(try await client.tagLocks(in: repository.name).all())
    }
}

import AdminClient
import ArgumentParser

/// `wharf tag locks`: shows the tags of a repository that are locked.
struct TagLocksCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "locks",
        abstract: "Show the tags of a repository that are locked by hand.",
        discussion: """
            Example: wharf tag locks team/app
            """
    )

    @Argument(help: "The name of the repository.")
    var repository: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.tagLocks(in: repository).all())
    }
}

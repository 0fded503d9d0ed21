import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf trash list`: shows what was deleted and can be brought back, the newest first.
struct TrashList: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show what was deleted and can be brought back, the newest first.",
        discussion: """
            Of a repository for who may delete in it; of all for who manages the installation.

            Example: wharf trash list team/app
            """
    )

    @Argument(help: "The repository; all of them without it.")
    var repository: ServedRepository?

    @Option(help: "How many at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { repository?.host }

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run(with client: AdminClient) async throws {
        var found: [TrashEntry] = []
        for try await entry in client.trash(of: repository?.name) {
            found.append(entry)
            if found.count == limit { break }
        }
        try output.show(found)
    }
}

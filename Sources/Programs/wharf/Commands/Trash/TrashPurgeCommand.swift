import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf trash purge`: removes for good what was deleted.
struct TrashPurgeCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Remove for good what was deleted, before its time.",
        discussion: """
            What is purged does not come back. The bytes are free when the collection has been over them.

            Examples:
              wharf trash purge 12
              wharf trash purge --all --repository team/app
            """
    )

    @Argument(help: "The numbers that `wharf trash list` shows.")
    var ids: [Int64] = []

    @Flag(help: "Purge all that there is.")
    var all = false

    @Option(help: "With --all: that of a repository alone.")
    var repository: ServedRepository?

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { repository?.host }

    func validate() throws {
        guard all == ids.isEmpty else { throw ValidationError("give numbers, or --all") }
        guard all || repository == nil else { throw ValidationError("--repository goes with --all") }
    }

    func run(with client: AdminClient) async throws {
        var count = 0
        for id in ids {
            try await client.purgeTrash(id)
            count += 1
        }
        if all {
            for entry in try await client.trash(of: repository?.name).all() where entry.purgeAt != nil {
                // A project that has the name of the repository has many others.
                if repository != nil, entry.kind == "project" { continue }
                do {
                    try await client.purgeTrash(entry.id)
                    count += 1
                } catch let failure as AdminFailure where failure.code == .notFound {
                    // It was faster, or went with its repository.
                }
            }
        }
        Remark.print("Purged \(HumanText.count(count, "deletion")).")
    }
}

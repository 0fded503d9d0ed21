import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf repository delete`: deletes repositories with all that is in them.
struct RepositoryDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete repositories with all that is in them.",
        discussion: """
            They go to the trash, from where `wharf trash restore` brings them back whole.

            Examples:
              wharf repository delete team/app --dry-run
              wharf repository delete team/app --yes
            """
    )

    @Argument(help: "The repositories, such as team/app; with the server before them, or without.")
    var names: [ServedRepository]

    @Flag(help: "Say what would go, and how many bytes that would free; delete nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Ask nothing.")
    var yes = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { get throws { try ServedRepository.host(of: names) } }

    func validate() throws {
        _ = try host
    }

    func run(with client: AdminClient) async throws {
        let names = names.map(\.name)
        if dryRun {
            var doomed: [DoomedRepository] = []
            for name in names {
                doomed.append(DoomedRepository(name: name, estimate: try await client.estimate(deletingFrom: name)))
            }
            return try output.show(doomed)
        }
        for name in names {
            if !yes { try confirm(name) }
            let entry = try await client.deleteRepository(name)
            let way = "`wharf trash restore \(entry.id)` brings it back until \(entry.purgeAt.short(else: "then"))."
            Remark.print("The repository \(name) is deleted\(entry.purgeAt == nil ? "." : ": \(way)")")
        }
    }

    private func confirm(_ name: String) throws {
        guard Terminal.isThere else {
            throw Failure(description: "This deletes all of \(name): say --yes if that is meant.")
        }
        guard try Terminal.confirms("Delete all of \(name)?") else {
            throw Failure(description: "Nothing more was deleted.")
        }
    }
}

/// A repository that would be deleted.
struct DoomedRepository: Encodable, TableRow {
    static let columns = ["REPOSITORY", "MANIFESTS", "BLOBS FREED", "BYTES FREED", "SIZE"]

    let name: String
    let estimate: DeletionEstimate

    var cells: [String] {
        [
            name, "\(estimate.manifestCount)", "\(estimate.blobCount)", "\(estimate.byteCount)",
            HumanText.bytes(estimate.byteCount),
        ]
    }
}

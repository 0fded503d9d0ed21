import AdminClient
import AdminModel
import ArgumentParser

/// `wharf gc status`: shows what the garbage collection has before it.
struct CollectionStatusCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what waits to be collected, and what the last run has done.",
        discussion: """
            Example: wharf gc status
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(CollectionDetails(status: try await client.collection()))
    }
}

/// The state of the collection for people; as a document it is the state.
private struct CollectionDetails: Encodable, TableRow {
    let status: CollectionStatus

    func encode(to encoder: any Encoder) throws {
        try status.encode(to: encoder)
    }

    static let columns = ["TO BE LOOKED AT", "WAITING SINCE", "IN QUARANTINE", "TO BE REMOVED", "GRACE", "LAST RUN"]
    var cells: [String] {
        let quarantine = HumanText.duration(.seconds(status.quarantineSeconds))
        return [
            "\(counted(status.linkCount)) blobs of repositories, of which some may be needed",
            status.oldestSince?.short ?? "-",
            "\(counted(status.blobCount)) blobs, \(HumanText.bytes(status.byteCount)), for \(quarantine) each",
            "\(counted(status.keyCount)) files or objects, \(HumanText.bytes(status.keyByteCount))",
            HumanText.duration(.seconds(status.graceSeconds)),
            status.lastRun.map { "\($0.state), job \($0.id): \($0.outcome ?? "-")" } ?? "none yet",
        ]
    }

    private func counted(_ count: Int64) -> String {
        count < status.countMax ? "\(count)" : "\(count) or more"
    }
}

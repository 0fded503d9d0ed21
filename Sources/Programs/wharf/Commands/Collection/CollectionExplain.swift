import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf gc explain`: says why something is kept, or when it goes.
struct CollectionExplain: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a blob or manifest is kept, or when it goes.",
        discussion: """
            Example: wharf gc explain sha256:…
            """
    )

    @Argument(
        help: "The digest.",
        transform: Typed.digest
    )
    var digest: Digest

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let fate = try await client.fate(of: digest.description)
        guard output.form == .table, output.field == nil else { return try output.show(document: fate) }
        let size = fate.byteCount.map { " of \(HumanText.bytes($0))" } ?? ""
        DocumentText.print("\(fate.kind)\(size), \(fate.state): \(fate.sentence)")
        guard !fate.holdings.isEmpty else { return }
        DocumentText.print(Table.text(of: fate.holdings), terminator: "")
    }
}

extension DigestHolding: TableRow {
    static let columns = ["REPOSITORY", "NEEDED BY", "TAGS", "LEAVES"]
    var cells: [String] {
        [
            repository, manifests.isEmpty ? "-" : manifests.joined(separator: ", "),
            tags.isEmpty ? "-" : tags.joined(separator: ", "), endsAt.short(else: "-"),
        ]
    }
}

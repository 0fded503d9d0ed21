import AdminClient
import AdminModel
import ArgumentParser

/// `wharf audit search`: shows who did what, the newest first.
struct AuditSearch: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Show who did what, the newest first.",
        discussion: """
            Example: wharf audit search --principal user:alice --outcome denied --since 2h
            """
    )

    @OptionGroup var selection: AuditSelection

    @Option(help: "How many entries at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run(with client: AdminClient) async throws {
        var found: [AuditEntry] = []
        for try await entry in selection.entries(of: client) {
            found.append(entry)
            if found.count == limit { break }
        }
        try output.show(found)
    }
}

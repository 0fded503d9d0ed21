import AdminClient
import AdminModel
import ArgumentParser
import Foundation

/// `wharf audit export`: prints the audit as JSON lines.
struct AuditExport: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the audit as JSON lines, the newest first.",
        discussion: """
            One object a line, with the same fields as the API. It is read a page at a time, so it may be long.

            Example: wharf audit export --since 24h > audit.jsonl
            """
    )

    @OptionGroup var selection: AuditSelection

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for try await entry in selection.entries(of: client) {
            print(String(decoding: try encoder.encode(entry), as: UTF8.self))
        }
    }
}

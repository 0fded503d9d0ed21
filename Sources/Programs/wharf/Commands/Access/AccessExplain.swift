import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf access explain`: says whether somebody may do something with a repository, and the rule that decides.
struct AccessExplain: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say whether somebody may do something with a repository, and the rule that decides.",
        discussion: """
            Example: wharf access explain alice push team/app
            """
    )

    @Argument(help: "Who: user:NAME, robot:NAME or anonymous; a bare NAME is an account.")
    var who: String

    @Argument(help: "list, pull, push, tag, overwrite, delete, scan, sign or manage.")
    var action: String

    @Argument(help: ArgumentHelp(stringLiteral: ServedRepository.help))
    var repository: ServedRepository

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { repository.host }

    func run(with client: AdminClient) async throws {
        let explanation = try await client.explain(who, action, on: repository.name)
        guard output.form == .table else { return try output.show(document: explanation) }
        print(
            "\(explanation.principal) \(explanation.isAllowed ? "may" : "may not") \(explanation.action) "
                + "\(explanation.repository): \(explanation.reason)"
        )
    }
}

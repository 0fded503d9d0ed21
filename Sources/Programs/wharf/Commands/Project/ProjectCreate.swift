import AdminClient
import AdminModel
import ArgumentParser

/// `wharf project create`: makes a project.
struct ProjectCreate: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a project.",
        discussion: """
            Example: wharf project create team --public
            """
    )

    @Argument(help: "How its repositories begin: the first part of their names, or more.")
    var name: String

    @Flag(name: .customLong("public"), help: "Let everyone list and pull there.")
    var isPublic = false

    @Option(
        name: .customLong("address"),
        help: "A block of addresses that it may be reached from, such as 10.0.0.0/8. May be repeated."
    )
    var addresses: [String] = []

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(
            try await client.create(NewProject(name: name, isPublic: isPublic, addresses: addresses))
        )
    }
}

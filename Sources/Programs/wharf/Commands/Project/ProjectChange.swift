import AdminClient
import AdminModel
import ArgumentParser

/// `wharf project change`: changes a project; what is not given stays.
struct ProjectChange: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Change a project; what is not given stays.",
        discussion: """
            Example: wharf project change team --private --address 10.0.0.0/8
            """
    )

    @Argument(help: "The name of the project.")
    var name: String

    @Flag(name: .customLong("public"), help: "Let everyone list and pull there.")
    var isPublic = false

    @Flag(name: .customLong("private"), help: "Let only those in who have a role.")
    var isPrivate = false

    @Option(
        name: .customLong("address"),
        help: "A block of addresses that it may be reached from, instead of those of now. May be repeated."
    )
    var addresses: [String] = []

    @Flag(help: "Let it be reached from everywhere.")
    var anyAddress = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !(isPublic && isPrivate), !(anyAddress && !addresses.isEmpty) else {
            throw ValidationError("--public and --private, and --address and --any-address, are opposites")
        }
        guard isPublic || isPrivate || anyAddress || !addresses.isEmpty else {
            throw ValidationError("say what to change: --public, --private, --address, --any-address")
        }
    }

    func run(with client: AdminClient) async throws {
        let project = try await changing {
            let current = try await client.project(name)
            let change = AdminModel.ProjectChange(
                isPublic: isPublic || (current.value.isPublic && !isPrivate),
                addresses: anyAddress ? [] : addresses.isEmpty ? current.value.addresses : addresses
            )
            return try await client.setProject(name, change, if: current.isUnchanged)
        }
        try output.show(project)
    }
}

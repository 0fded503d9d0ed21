import AdminClient
import AdminModel
import ArgumentParser

/// `wharf role set`: says all that a role gives and takes, and makes it where there is none.
struct RoleSet: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Say all that a role gives and takes, and make it where there is none.",
        discussion: """
            Example: wharf role set developer --allow 'team/*:pull,push' --deny 'team/secret:*'
            """
    )

    @Argument(help: "The name of the role.")
    var name: String

    @OptionGroup var wanted: PolicyOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !wanted.policies.isEmpty else {
            throw ValidationError("say what it gives: --allow 'team/*:pull', and --deny")
        }
    }

    func run(with client: AdminClient) async throws {
        try output.show(try await client.setRole(name, RolePolicies(policies: wanted.policies)))
    }
}

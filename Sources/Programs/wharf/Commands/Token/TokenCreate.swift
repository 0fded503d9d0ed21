import AdminClient
import AdminModel
import ArgumentParser

/// `wharf token create`: makes a personal token, and shows it once.
struct TokenCreate: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a personal token, and show it once.",
        discussion: """
            A token takes the place of the password, and may never do more than its owner. It is \
            alone on standard output where that is no terminal.

            Example: TOKEN=$(wharf token create --for alice --allow 'team/**:pull' --expires 30d)
            """
    )

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Whose: a user's; without it your own.", valueName: "name")
    )
    var owner: String?

    @Option(help: "What it is for.")
    var description: String?

    @OptionGroup var limits: PolicyOptions

    @Option(help: ArgumentHelp("Until when it holds: 90 days without it.", valueName: Expiry.placeholder))
    var expires: Expiry?

    @Option(
        name: .customLong("address"),
        help: "A block of addresses that it may be used from, such as 10.0.0.0/8. May be repeated."
    )
    var addresses: [String] = []

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !connection.isLocal || owner != nil else {
            throw ValidationError("say whose token it is to be: --for NAME")
        }
    }

    func run(with client: AdminClient) async throws {
        let made = try await client.create(
            NewToken(
                user: owner,
                description: description,
                policies: limits.policies.isEmpty ? nil : limits.policies,
                addresses: addresses.isEmpty ? nil : addresses,
                expiresAt: expires?.moment,
                neverExpires: expires?.isNever
            )
        )
        let end = made.token.expiresAt.map { "until \($0.short)" } ?? "for ever"
        Remark.print("The token \(made.token.id) is a password of \(made.token.user), \(end).")
        SecretOutput.print(made.secret, as: "token")
    }
}

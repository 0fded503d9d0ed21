import AdminClient
import AdminModel
import ArgumentParser

/// `wharf robot create`: makes a robot, and shows its secret once.
struct RobotCreate: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a robot, and show its secret once.",
        discussion: """
            The secret is alone on standard output where that is no terminal.

            Example: SECRET=$(wharf robot create ci --project team --role writer --expires 90d)
            """
    )

    @Argument(help: "1 to 64 letters, digits and ._-; it logs in as PROJECT+NAME.")
    var name: String

    @Option(help: "The project that it belongs to; without it, the installation.")
    var project: String?

    @Option(name: .customLong("role"), help: "A role that it is to have there. May be repeated.")
    var roles: [String] = []

    @Option(help: "What it is for.")
    var description: String?

    @Option(help: ArgumentHelp("Until when its secret holds: 90 days without it.", valueName: Expiry.placeholder))
    var expires: Expiry?

    @Option(
        name: .customLong("address"),
        help: "A block of addresses that it may be used from, such as 10.0.0.0/8. May be repeated."
    )
    var addresses: [String] = []

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let made = try await client.create(
            NewRobot(
                name: name,
                project: project,
                description: description,
                roles: roles.isEmpty ? nil : roles,
                expiresAt: expires?.moment,
                neverExpires: expires?.isNever,
                addresses: addresses.isEmpty ? nil : addresses
            )
        )
        let end = made.robot.secrets.last?.expiresAt.map { "until \($0.short)" } ?? "for ever"
        Remark.print("The robot logs in as \(made.robot.name), with the secret that follows, \(end).")
        SecretOutput.print(made.secret, as: "secret")
    }
}

import AdminClient
import ArgumentParser

/// `wharf robot delete`: deletes robots, with their secrets and roles; or one secret.
struct RobotDelete: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete robots, with their secrets and roles; or one secret.",
        discussion: """
            Example: wharf robot delete team+ci
            """
    )

    @Argument(help: "The names that they log in with.")
    var names: [String]

    @Option(help: "The id of one secret of the robot, to end that alone.")
    var secret: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard secret == nil || names.count == 1 else {
            throw ValidationError("--secret ends one secret of one robot: name one")
        }
    }

    func run(with client: AdminClient) async throws {
        for name in names {
            if let secret {
                try await client.deleteSecret(secret, of: name)
                Remark.print("The secret \(secret) of the robot \(name) is deleted.")
            } else {
                try await client.deleteRobot(name)
                Remark.print("The robot \(name) is deleted.")
            }
        }
    }
}

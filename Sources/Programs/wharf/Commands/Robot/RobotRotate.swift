import AdminClient
import AdminModel
import ArgumentParser

/// `wharf robot rotate`: gives a robot a new secret, and shows it once; those of before work for a while yet.
struct RobotRotate: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a robot a new secret, and show it once; those of before work for a while yet.",
        discussion: """
            A robot may do it for itself: --server URL --user team+ci, with its secret as the password.

            Example: SECRET=$(wharf robot rotate team+ci --overlap 12h)
            """
    )

    @Argument(help: "The name that it logs in with.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "For how long the secrets of before still work: a day without it, 30d at most, 0s to end them now.",
            valueName: "12h"
        )
    )
    var overlap: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Until when the new one holds: as long as the last one did, without it.",
            valueName: Expiry.placeholder
        )
    )
    var expires: Expiry?

    @Option(
        name: .customLong("address"),
        help:
            "A block of addresses that it may be used from, instead of those of the last one. May be repeated."
    )
    var addresses: [String] = []

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let made = try await client.rotateSecret(
            of: name,
            SecretRotation(
                overlapSeconds: overlap?.seconds,
                expiresAt: expires?.moment,
                neverExpires: expires?.isNever == true ? true : nil,
                addresses: addresses.isEmpty ? nil : addresses
            )
        )
        Remark.print("The robot \(name) has a new secret; \(made.robot.secrets.count - 1) of before still work.")
        SecretOutput.print(made.secret, as: "secret")
    }
}

import AdminClient
import AdminModel
import ArgumentParser
import Outgoing

/// `wharf user reset-password`: gives a user a new password; logins and sessions with the old one end.
struct UserResetPassword: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-password",
        abstract: "Give a user a new password; logins and sessions with the old one end.",
        discussion: """
            With --data whoever may open the socket of the server may do it: a lost password is no end.

            Example: wharf user reset-password admin --data /srv/wharf
            """
    )

    @Argument(help: "The name of the user.")
    var name: String

    @OptionGroup var newPassword: NewPasswordOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        // One's own is changed only by who knows the one of now.
        let current = client.credentials.flatMap { $0.user == name ? $0.password : nil }
        let change = PasswordChange(password: try newPassword.password(of: name), currentPassword: current)
        let given = try await client.setPassword(of: name, change)
        Remark.print("The password of \(name) is set; logins and sessions with the old one end.")
        if let password = given.password { SecretOutput.print(password, as: "password") }
    }
}

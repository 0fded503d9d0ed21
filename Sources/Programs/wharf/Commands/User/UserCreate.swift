import AdminClient
import AdminModel
import ArgumentParser

/// `wharf user create`: makes a user.
struct UserCreate: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a user.",
        discussion: """
            The password that is made is shown once: alone on standard output where that is no terminal.

            Example: wharf user create alice --description 'Alice from the web team' --group web
            """
    )

    @Argument(help: "1 to 128 letters, digits and ._-@.")
    var name: String

    @Option(help: "Who it is, in words.")
    var description: String?

    @Option(name: .customLong("group"), help: "A group to put the user into. May be repeated.")
    var groups: [String] = []

    @OptionGroup var newPassword: NewPasswordOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let made = try await client.create(
            NewUser(
                name: name,
                password: try newPassword.password(of: name),
                description: description,
                groups: groups.isEmpty ? nil : groups
            )
        )
        Remark.print("The user \(made.user.name) is made.")
        if let password = made.password { SecretOutput.print(password, as: "password") }
    }
}

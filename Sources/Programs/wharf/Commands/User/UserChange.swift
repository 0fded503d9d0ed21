import AdminClient
import AdminModel
import ArgumentParser

/// `wharf user change`: changes a user; what is not given stays.
struct UserChange: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Change a user; what is not given stays.",
        discussion: """
            Example: wharf user change alice --add-group web
            """
    )

    @Argument(help: "The name of the user.")
    var name: String

    @Option(help: "Who it is, in words.")
    var description: String?

    @Option(name: .customLong("add-group"), help: "A group to put the user into. May be repeated.")
    var addedGroups: [String] = []

    @Option(name: .customLong("remove-group"), help: "A group to take the user out of. May be repeated.")
    var removedGroups: [String] = []

    @Flag(help: "Close the account: nobody can log in as the user, by the password or by a token.")
    var disable = false

    @Flag(help: "Open the account again.")
    var enable = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !(disable && enable) else { throw ValidationError("--disable and --enable are opposites: give one") }
        guard description != nil || !addedGroups.isEmpty || !removedGroups.isEmpty || disable || enable else {
            throw ValidationError("say what to change: --description, --add-group, --remove-group, --disable, --enable")
        }
    }

    func run(with client: AdminClient) async throws {
        let user = try await changing {
            let current = try await client.user(name)
            var change = AdminModel.UserChange(description: description)
            if !addedGroups.isEmpty || !removedGroups.isEmpty {
                change.groups = Set(current.value.groups).union(addedGroups).subtracting(removedGroups).sorted()
            }
            if disable || enable { change.isDisabled = disable }
            return try await client.change(name, change, if: current.isUnchanged)
        }
        try output.show(user)
    }
}

import ArgumentParser

/// `wharf user`: the commands about users and their passwords.
struct UserCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Make, change and delete users.",
        discussion: "Example: wharf user create alice --group web",
        subcommands: [
            UserList.self, UserShow.self, UserCreate.self, UserChange.self, UserDelete.self, UserResetPassword.self,
            UserImport.self,
        ]
    )
}

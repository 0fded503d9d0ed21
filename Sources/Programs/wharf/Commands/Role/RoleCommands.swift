import ArgumentParser

/// `wharf role`: the commands about roles.
struct RoleCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Make, change and delete roles.",
        discussion: "Example: wharf role set developer --allow 'team/*:pull,push'",
        subcommands: [RoleList.self, RoleShow.self, RoleSet.self, RoleDelete.self]
    )
}

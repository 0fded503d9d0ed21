import ArgumentParser

/// `wharf role`: the commands about roles.
struct RoleCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Make, change and delete roles.",
        subcommands: [RoleList.self, RoleShow.self, RoleSet.self, RoleDelete.self]
    )
}

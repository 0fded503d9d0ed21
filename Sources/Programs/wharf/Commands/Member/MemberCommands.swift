import ArgumentParser

/// `wharf member`: the commands about who has which roles.
struct MemberCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member",
        abstract: "Say who has which roles, in a project or everywhere.",
        discussion: "Example: wharf member set alice writer --project team",
        subcommands: [MemberList.self, MemberSet.self, MemberRemove.self]
    )
}

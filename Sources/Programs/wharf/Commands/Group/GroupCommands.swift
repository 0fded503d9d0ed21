import ArgumentParser

/// `wharf group`: the commands about groups of accounts.
struct GroupCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group",
        abstract: "Make, change and delete groups.",
        discussion: "Example: wharf group set web alice bob",
        subcommands: [GroupList.self, GroupShow.self, GroupSet.self, GroupDelete.self]
    )
}

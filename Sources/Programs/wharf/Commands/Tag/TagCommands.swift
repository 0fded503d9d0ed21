import ArgumentParser

/// `wharf tag`: gives tags, says where they pointed, and goes back.
struct TagCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Give an image further tags; show where a tag pointed before, go back, and hold tags where they are.",
        discussion: """
            `wharf tag IMAGE TAG…` is `wharf tag add IMAGE TAG…`. An image that is called like one of the commands \
            is written with its tag: `wharf tag history:latest 1.0`.

            Examples:
              wharf tag localhost:5000/team/app:1.4.2 1.4 1 latest
              wharf tag history localhost:5000/team/app:prod
              wharf tag rollback localhost:5000/team/app:prod
              wharf tag lock localhost:5000/team/app:1.2 --reason 'in use at the fair'
            """,
        subcommands: [
            TagCommand.self, TagHistoryCommand.self, TagRollback.self, TagLockCommand.self, TagUnlockCommand.self,
            TagLocksCommand.self, TagBreakGlass.self, TagExplain.self,
        ],
        defaultSubcommand: TagCommand.self
    )
}

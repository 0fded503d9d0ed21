import ArgumentParser

/// `wharf gc`: the commands about the garbage collection.
struct CollectionCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Ask what the garbage collection does, and why something is kept.",
        discussion: """
            A server collects garbage by itself, while everything goes on: these commands are for looking on.

            Example: wharf gc status
            """,
        subcommands: [CollectionStatusCommand.self, CollectionExplain.self, CollectionRun.self]
    )
}

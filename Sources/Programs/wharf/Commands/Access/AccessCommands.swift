import ArgumentParser

/// `wharf access`: the commands about who may do what.
struct AccessCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Ask who may do what.",
        discussion: "Example: wharf access explain alice push team/app",
        subcommands: [AccessExplain.self]
    )
}

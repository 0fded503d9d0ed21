import ArgumentParser

/// `wharf session`: the commands about clients that stay logged in.
struct SessionCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "Show and end sessions: clients that stay logged in.",
        discussion: "Example: wharf session list --for alice",
        subcommands: [SessionList.self, SessionEnd.self]
    )
}

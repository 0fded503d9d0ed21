import ArgumentParser

/// `wharf key`: the commands about the keys that sign tokens.
struct KeyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Show, rotate and delete the keys that sign tokens.",
        discussion: "Example: wharf key rotate",
        subcommands: [KeyList.self, KeyRotate.self, KeyDelete.self]
    )
}

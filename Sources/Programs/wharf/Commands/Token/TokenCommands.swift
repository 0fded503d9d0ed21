import ArgumentParser

/// `wharf token`: the commands about personal tokens.
struct TokenCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make and take back personal tokens.",
        discussion: "Example: wharf token create --for alice --expires 30d",
        subcommands: [TokenList.self, TokenCreate.self, TokenDelete.self]
    )
}

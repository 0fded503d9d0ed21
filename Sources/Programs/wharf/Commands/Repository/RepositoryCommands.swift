import ArgumentParser

/// `wharf repository`: the commands about repositories of a wharf server.
struct RepositoryCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repository",
        abstract: "Delete repositories, and say beforehand what that would free.",
        discussion: "Example: wharf repository delete team/app --dry-run",
        subcommands: [RepositoryDelete.self]
    )
}

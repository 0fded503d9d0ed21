import ArgumentParser

/// `wharf project`: the commands about projects.
struct ProjectCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Make, change and delete projects.",
        subcommands: [ProjectList.self, ProjectShow.self, ProjectCreate.self, ProjectChange.self, ProjectDelete.self]
    )
}

import ArgumentParser

/// `wharf project`: the commands about projects.
struct ProjectCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Make, change and delete projects.",
        discussion: "Example: wharf project create team --public",
        subcommands: [
            ProjectList.self, ProjectShow.self, ProjectCreate.self, ProjectChange.self, ProjectDelete.self,
            ProjectRuleCommands.self,
        ]
    )
}

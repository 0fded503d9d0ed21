import ArgumentParser

/// `wharf project rule`: the rules that say which tags stay where they are.
struct ProjectRuleCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Say which tags of a project stay where they are.",
        discussion: """
            A rule holds in all repositories of the project, and in those of projects within it. What holds one tag is \
            shown by `wharf tag explain`.

            Example: wharf project rule set team releases --immutable --tag 'semver:>=1.0.0'
            """,
        subcommands: [ProjectRuleList.self, ProjectRuleSet.self, ProjectRuleDelete.self]
    )
}

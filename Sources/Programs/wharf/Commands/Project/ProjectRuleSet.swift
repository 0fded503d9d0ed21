import AdminClient
import AdminModel
import ArgumentParser

/// `wharf project rule set`: makes a rule, or says anew what it is.
struct ProjectRuleSet: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Make a rule that says which tags stay where they are, or say anew what it is.",
        discussion: """
            A pattern is a glob, /…/ for a regular expression, or semver:RANGE for versions. Patterns of repositories \
            are of whole names: team/app, team/**.

            A tag of signatures or other referrers (sha256-…) is meant only by a pattern that begins so.

            Examples:
              wharf project rule set team releases --immutable --tag 'semver:>=1.0.0'
              wharf project rule set team all --immutable --except latest --except '*-snapshot'
              wharf project rule set team prod --protected --tag prod --role maintainer
            """
    )

    @Argument(help: "The name of the project.")
    var project: String

    @Argument(help: "The name of the rule.")
    var name: String

    @Flag(help: "A tag that is there neither moves nor goes.")
    var immutable = false

    @Flag(help: "A tag is made, moved and deleted only by those who have one of the roles.")
    var protected = false

    @Option(name: .customLong("tag"), help: "A pattern of tags that are meant; all without it. May be repeated.")
    var tags: [String] = []

    @Option(name: .customLong("except"), help: "A pattern of tags that are not meant. May be repeated.")
    var exceptTags: [String] = []

    @Option(
        name: .customLong("repository"),
        help: "A pattern of repositories that are meant; all of the project without it. May be repeated."
    )
    var repositories: [String] = []

    @Option(
        name: .customLong("except-repository"),
        help: "A pattern of repositories that are not meant. May be repeated."
    )
    var exceptRepositories: [String] = []

    @Option(
        name: .customLong("role"),
        help: "A role whose holders may nevertheless; without it those who manage the project. May be repeated."
    )
    var roles: [String] = []

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard immutable != protected else { throw ValidationError("say one of --immutable and --protected") }
        guard protected || roles.isEmpty else { throw ValidationError("--role is for --protected") }
    }

    func run(with client: AdminClient) async throws {
        let change = TagRuleChange(
            kind: immutable ? .immutable : .protected,
            repositories: Self.patterns(repositories, exceptRepositories),
            tags: Self.patterns(tags, exceptTags),
            roles: roles.isEmpty ? nil : roles
        )
        try output.show(try await client.setTagRule(name, of: project, change))
    }

    private static func patterns(_ include: [String], _ exclude: [String]) -> NamePatterns? {
        guard !include.isEmpty || !exclude.isEmpty else { return nil }
        return NamePatterns(
            include: include.isEmpty ? nil : include,
            exclude: exclude.isEmpty ? nil : exclude
        )
    }
}

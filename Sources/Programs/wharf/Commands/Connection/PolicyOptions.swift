import AdminModel
import ArgumentParser

/// Policies as options: `--allow 'team/*:pull,push' --deny 'team/secret:*'`.
struct PolicyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What is allowed, such as 'team/*:pull,push'. May be repeated.",
            valueName: "pattern:action,…"
        )
    )
    var allow: [PolicyArgument] = []

    @Option(
        help: ArgumentHelp("What is denied, whatever allows it. May be repeated.", valueName: "pattern:action,…")
    )
    var deny: [PolicyArgument] = []

    /// All of them.
    var policies: [Policy] {
        allow.map { Policy(repo: $0.pattern, actions: $0.actions) }
            + deny.map { Policy(effect: .deny, repo: $0.pattern, actions: $0.actions) }
    }
}

/// A pattern of repositories and actions on them.
struct PolicyArgument: ExpressibleByArgument, Sendable {
    let pattern: String
    let actions: [String]

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), colon != argument.startIndex else { return nil }
        pattern = String(argument[..<colon])
        actions = argument[argument.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false)
            .map(String.init)
        guard !actions.contains("") else { return nil }
    }
}

import ArgumentParser

/// Who has roles: `user:alice`, `group:staff`, `robot:team+ci`, `authenticated`, `anyone`.
///
/// A bare name is a user's, but one with a plus sign, which only robots of projects have.
struct SubjectArgument: ExpressibleByArgument, Sendable {
    let text: String

    static let help: ArgumentHelp =
        "Who: user:NAME, group:NAME, robot:NAME, authenticated or anyone; NAME is user:NAME."

    init(argument: String) {
        if argument.contains(":") || ["authenticated", "anyone"].contains(argument) {
            text = argument
        } else {
            text = (argument.contains("+") ? "robot:" : "user:") + argument
        }
    }
}

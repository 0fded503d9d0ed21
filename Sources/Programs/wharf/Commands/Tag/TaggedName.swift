import ArgumentParser
import OCI

/// A tag of a repository of the server that a command speaks to: `team/app:1.2`.
struct TaggedName: ExpressibleByArgument, Sendable {
    let repository: String
    let tag: String

    static let help = ArgumentHelp("The tag, without the name of the server: team/app:1.2.", valueName: "tag")

    /// Nil unless it is a repository and a tag with a colon between them.
    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (try? RepositoryName(String(parts[0]))) != nil, (try? Tag(String(parts[1]))) != nil
        else { return nil }
        (repository, tag) = (String(parts[0]), String(parts[1]))
    }
}

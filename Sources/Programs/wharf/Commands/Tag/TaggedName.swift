import ArgumentParser
import OCI

/// A tag of a repository of a wharf server: `localhost:5000/team/app:1.2`, `team/app:1.2`.
struct TaggedName: ExpressibleByArgument, Sendable {
    /// The server; nil for that of the command.
    let host: RegistryHost?
    let repository: String
    let tag: String

    static let help = ArgumentHelp(
        "The image with its tag, such as team/app:1.2; with the server before it, or without.",
        valueName: "image"
    )

    /// Nil unless it is a repository and a tag with a colon between them.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let tag = try? Tag(String(argument[colon...].dropFirst())),
            let place = ServedRepository(argument: String(argument[..<colon]))
        else { return nil }
        (host, repository, self.tag) = (place.host, place.name, tag.description)
    }
}

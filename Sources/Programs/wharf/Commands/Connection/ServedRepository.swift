import ArgumentParser
import OCI

/// A repository of a wharf server, with the name of that as clients write it, or without: `localhost:5000/team/app`,
/// `team/app`.
///
/// What stands before the first slash is a server where it is `localhost`, or has a dot or a colon, as in names of
/// images. A repository whose own name begins so is written with the server before it.
struct ServedRepository: ExpressibleByArgument, Sendable {
    /// The server; nil for that of the command.
    let host: RegistryHost?
    /// The name of the repository there.
    let name: String

    static let help = "The repository, such as team/app; with the server before it, as in names of images, or without."

    /// Nil unless it is the name of a repository.
    init?(argument: String) {
        var rest = argument[...]
        var host: RegistryHost?
        if let slash = rest.firstIndex(of: "/"), Self.isHost(rest[..<slash]) {
            guard let read = try? RegistryHost(rest[..<slash]) else { return nil }
            host = read
            rest = rest[rest.index(after: slash)...]
        }
        guard (try? RepositoryName(String(rest))) != nil else { return nil }
        (self.host, name) = (host, String(rest))
    }

    private static func isHost(_ text: Substring) -> Bool {
        text == "localhost" || text.contains(".") || text.contains(":")
    }

    /// The one server that several are of; nil where none says one.
    ///
    /// Throws a `ValidationError` where they are of more than one.
    static func host(of all: [ServedRepository]) throws -> RegistryHost? {
        let hosts = all.compactMap(\.host)
        if let first = hosts.first, let other = hosts.first(where: { $0 != first }) {
            throw ValidationError("\(first) and \(other) are two servers: say the command once for each")
        }
        return hosts.first
    }
}

import ArgumentParser
import OCI
import RegistryContract
import Selectors

/// `wharf list`: lists the repositories of a registry, or the tags of a repository.
struct ListCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the repositories of a registry, or the tags of a repository.",
        discussion: """
            Times and digests cost a request or three for each tag, and are asked for only where they are shown.

            Examples:
              wharf list localhost:5000
              wharf list localhost:5000/team/app --sort version
              wharf list nginx --long --sort time --reverse
              wharf list oci:images
            """,
        aliases: ["ls"]
    )

    /// In which order tags are listed.
    enum Order: String, ExpressibleByArgument, CaseIterable {
        case name
        case version
        case time
    }

    @Argument(help: ArgumentHelp("A registry, a repository, or a layout.", valueName: "registry|repository"))
    var subject: String

    @Option(help: "The order: by the bytes of the name, as versions, or by when the image was made.")
    var sort = Order.name

    @Flag(help: "The other way round.")
    var reverse = false

    @Flag(name: .shortAndLong, help: "Show digest, time and size of each tag.")
    var long = false

    @Option(help: ArgumentHelp("Only so many, from the front of the order.", valueName: "count"))
    var limit: Int?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        if case .layout = try? Typed.location(subject) {
            return try await showTags(of: try await registries.place(Typed.location(subject)))
        }
        switch try Typed.registryOrRepository(subject) {
        case .registry(let host):
            let registry = try await registries.registry(host)
            let names = try await Listing.repositories(of: registry, named: host.description)
            if names.isEmpty, try await !registries.hasLogin(for: host) {
                Remark.print(
                    "There are no repositories at \(host), or none for somebody without a login: log in with "
                        + "`wharf login \(host)` if there should be some."
                )
            }
            try output.show(cut(names.map { ListedRepository(name: $0.description) }))
        case .repository(let reference):
            try await showTags(of: try await registries.place(.registry(reference)))
        }
    }

    private func showTags(of place: OpenedLocation) async throws {
        let tags = try await Listing.tags(of: place)
        guard long || sort == .time else {
            let sorted = sort == .version ? tags.sorted { Self.isOlder($0.description, $1.description) } : tags
            return try output.show(cut(sorted.map { ListedTag(name: $0.description) }))
        }
        var details = try await TagDetails.all(of: tags, in: place)
        switch sort {
        case .name: break
        case .version: details.sort { Self.isOlder($0.name, $1.name) }
        case .time: details.sort { ($0.created ?? "", $0.name) < ($1.created ?? "", $1.name) }
        }
        try output.show(cut(details))
    }

    /// Versions by their order, behind tags that are none.
    private static func isOlder(_ left: String, _ right: String) -> Bool {
        switch (SemanticVersion(tag: left), SemanticVersion(tag: right)) {
        case (nil, nil): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (nil, .some): true
        case (.some, nil): false
        case (let older?, let newer?): (older, left) < (newer, right)
        }
    }

    private func cut<Item>(_ items: [Item]) -> [Item] {
        let items = reverse ? items.reversed() : items
        return limit.map { Array(items.prefix(max(0, $0))) } ?? items
    }
}

/// A repository, listed.
struct ListedRepository: Encodable, TableRow {
    static let columns = ["REPOSITORY"]
    var name: String
    var cells: [String] { [name] }
}

/// A tag, listed.
struct ListedTag: Encodable, TableRow {
    static let columns = ["TAG"]
    var name: String
    var cells: [String] { [name] }
}

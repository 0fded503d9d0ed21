import AdminClient
import AdminModel
import ArgumentParser

/// `wharf trash restore`: brings back what was deleted.
struct TrashRestore: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring back what was deleted, as it was.",
        discussion: """
            A manifest comes with the tags that it had, a repository with all that is in it, a project with its roles, \
            rules and repositories. A tag that points \
            elsewhere meanwhile stays there, unless --force is given.

            Examples:
              wharf trash restore 12
              wharf trash restore 13 --to 1.0-old
              wharf trash restore 14 --as team/app-old
            """
    )

    @Argument(help: "The numbers that `wharf trash list` shows.")
    var ids: [Int64]

    @Option(help: ArgumentHelp("The tag that a deleted tag comes back as.", valueName: "tag"))
    var to: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The name that a repository comes back under.", valueName: "repository")
    )
    var newName: String?

    @Flag(help: "Move tags that point elsewhere meanwhile.")
    var force = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard ids.count == 1 || (to == nil && newName == nil) else {
            throw ValidationError("--to and --as are for one number")
        }
    }

    func run(with client: AdminClient) async throws {
        for id in ids {
            let request = RestoreRequest(tag: to, repository: newName, movesTags: force ? true : nil)
            let restored = try await client.restore(id, request)
            Remark.print(Self.sentence(restored))
            Self.say("Left where they point meanwhile", restored.keptTags)
            Self.say("Left in the trash, since there are others of their names", restored.keptRepositories)
            Self.say("Roles that nobody got back, since they or who had them are gone", restored.lostRoles)
        }
    }

    private static func say(_ what: String, _ names: [String]?) {
        guard let names, !names.isEmpty else { return }
        Remark.print("\(what): \(names.joined(separator: ", ")).")
    }

    private static func sentence(_ restored: RestoredEntry) -> String {
        switch restored.entry.kind {
        case "repository": return "The repository \(restored.repository) is back."
        case "project":
            let count = restored.repositoryCount ?? 0
            let repositories = count == 1 ? "repository" : "repositories"
            return "The project \(restored.repository) is back with \(count) \(repositories)."
        case "tag":
            let tag = restored.tags.first ?? restored.entry.tag ?? ""
            return "The tag \(restored.repository):\(tag) is back."
        default:
            let tags = restored.tags.isEmpty ? "" : " with the tags \(restored.tags.joined(separator: ", "))"
            return "The image \(restored.entry.name) is back\(tags)."
        }
    }
}

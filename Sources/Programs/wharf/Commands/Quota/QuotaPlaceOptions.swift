import AdminClient
import ArgumentParser

/// What a quota is of.
struct QuotaPlaceOptions: ParsableArguments {
    @Argument(help: "The project: a name and all repositories at it or below it.")
    var project: String?

    @Option(help: "A repository, in place of a project.")
    var repository: String?

    @Flag(help: "All that is stored, in place of a project.")
    var installation = false

    func validate() throws {
        guard [project != nil, repository != nil, installation].count(where: { $0 }) == 1 else {
            throw ValidationError("say what it is of: a project, --repository NAME or --installation")
        }
    }

    /// For the management.
    var place: AdminClient.QuotaPlace {
        if let repository { return .repository(repository) }
        return project.map { .project($0) } ?? .installation
    }

    /// As a sentence names it.
    var phrase: String {
        if let repository { return "the repository \(repository)" }
        return project.map { "the project \($0)" } ?? "the installation"
    }
}

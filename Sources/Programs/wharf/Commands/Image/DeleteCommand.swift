import ArgumentParser
import OCI
import RegistryContract

/// `wharf delete`: deletes images, or all of a repository.
struct DeleteCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an image with all its tags, or every image of a repository.",
        discussion: """
            An image named by a tag is deleted with every tag that points to it, which are said beforehand: to take \
            away one tag, see `wharf untag`. The registry frees the space when it collects what nothing needs.

            Its tags go first, then the image: one that breaks off leaves no tag that points to nothing, and says how \
            to go on.

            An image that an index of the repository is made of stays, unless --force is given: without it nobody \
            could pull that index whole. Only indexes that a tag leads to can be found.

            Examples:
              wharf delete localhost:5000/team/app:1.3 --dry-run
              wharf delete localhost:5000/team/app@sha256:…
              wharf delete localhost:5000/team/app --repository --yes
            """,
        aliases: ["rm"]
    )

    @Argument(help: ArgumentHelp("Images.", valueName: "image"), transform: Typed.location)
    var images: [ImageLocation]

    @Flag(help: "Delete every tagged image of the repository.")
    var repository = false

    @Flag(help: "Delete also what an index is made of that stays.")
    var force = false

    @Flag(help: "Say what would be deleted, and how many bytes that would free; delete nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Ask nothing.")
    var yes = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        for image in images.once {
            try await registries.writing(image) { place in
                let doomed = try await DoomedImage.all(
                    of: place,
                    isRepository: repository,
                    looksAtIndexes: dryRun || !force
                )
                guard !dryRun else {
                    try output.show(doomed)
                    let freed = FreedBytes(registries: registries, place: place)
                    return Remark.print(try await freed.sentence(of: doomed))
                }
                if !force { try demandNoParts(among: doomed, in: place) }
                if try confirm(doomed, in: place) { try await DoomedImage.demandUnchanged(doomed, in: place) }
                try await Removal(place: place).take(doomed)
                try output.show(doomed)
            }
        }
    }

    /// Throws where an index that stays is made of what is to go.
    private func demandNoParts(among doomed: [DoomedImage], in place: OpenedLocation) throws {
        guard let part = doomed.first(where: { !$0.partOf.isEmpty }) else { return }
        let indexes = try part.partOf.map { place.name(tagged: try Tag($0)) }.joined(separator: ", ")
        let tags = part.tags.isEmpty ? "" : ", tagged \(part.tags.joined(separator: ", ")),"
        throw Failure(
            description: "\(part.digest)\(tags) is a part of \(indexes), which nobody could pull whole without it: "
                + "nothing was deleted. Delete that first, take only the tag away with wharf untag, or say --force."
        )
    }

    /// Asks a person before more than one tag goes; a pipeline has said what it wants.
    ///
    /// - Returns: Whether somebody was asked.
    private func confirm(_ doomed: [DoomedImage], in place: OpenedLocation) throws -> Bool {
        let tags = doomed.flatMap(\.tags)
        guard !yes, repository || tags.count > 1 else { return false }
        let what =
            "\(HumanText.count(doomed.count, "image")) with the tag\(tags.count == 1 ? "" : "s") "
            + tags.joined(separator: ", ")
        guard Terminal.isThere else {
            throw Failure(
                description: "This deletes \(what) of \(place.name): say --yes if that is meant."
            )
        }
        guard try Terminal.confirms("Delete \(what)?") else { throw Failure(description: "Nothing was deleted.") }
        return true
    }
}

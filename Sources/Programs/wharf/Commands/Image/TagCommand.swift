import ArgumentParser
import NIOCore
import OCI
import RegistryContract

/// `wharf tag add`, or `wharf tag` alone: gives an image further tags, in its repository.
struct TagCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Give an image further tags in its repository, without moving a byte.",
        discussion: """
            Examples:
              wharf tag localhost:5000/team/app:1.4.2 1.4 1 latest
              wharf tag localhost:5000/team/app@sha256:… stable --only-new
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Argument(help: ArgumentHelp("The tags.", valueName: "tag"), transform: Typed.tag)
    var tags: [Tag]

    @Flag(help: "Move no tag that is there already.")
    var onlyNew = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let source = try await registries.place(image, forChange: true)
        let manifest = try await source.registry.manifest(source.wanted, in: source.repository)
        let push = ManifestPush(
            digest: manifest.digest,
            tags: tags,
            contentType: manifest.mediaType,
            bytes: Array(manifest.bytes.readableBytesView),
            condition: onlyNew ? .absent : .none
        )
        let isPlain = output.form == .table && output.field == nil
        let results = try await registries.writing(image) { target in
            // Whoever reads names alone need not wait for where the tags pointed.
            let before = isPlain ? [:] : try await Self.digests(of: tags, in: target)
            _ = try await target.registry.putManifest(push, in: target.repository)
            return tags.map { tag in
                TagResult(
                    target: target.name(tagged: tag),
                    digest: manifest.digest.description,
                    changed: before[tag] != manifest.digest
                )
            }
        }
        guard isPlain else { return try output.show(results) }
        for result in results { print("\(result.target)@\(result.digest)") }
    }

    /// Where tags point; those that do not exist are not in it.
    private static func digests(of tags: [Tag], in place: OpenedLocation) async throws -> [Tag: Digest] {
        var found: [Tag: Digest] = [:]
        for tag in tags { found[tag] = try await place.digest(of: tag) }
        return found
    }
}

/// What became of a tag, for programs.
struct TagResult: Encodable, TableRow {
    static let columns = ["TARGET", "DIGEST", "CHANGED"]

    /// The image by this tag.
    var target: String
    /// What it points to now.
    var digest: String
    /// Whether it pointed elsewhere before, or was not there.
    var changed: Bool

    var cells: [String] { [target, digest, changed ? "yes" : "no"] }
}

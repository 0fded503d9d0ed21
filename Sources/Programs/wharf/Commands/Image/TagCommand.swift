import ArgumentParser
import NIOCore
import OCI
import RegistryContract

/// `wharf tag`: gives an image further tags, in its repository.
struct TagCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
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
        try await registries.writing(image) { target in
            _ = try await target.registry.putManifest(push, in: target.repository)
            for tag in tags { print("\(target.name(tagged: tag))@\(manifest.digest)") }
        }
    }
}

import ArgumentParser
import OCI
import RegistryContract

/// `wharf untag`: takes tags away; the image stays.
struct UntagCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "untag",
        abstract: "Take a tag away; the image and its other tags stay.",
        discussion: """
            Registries before version 1.1 of the specification delete only whole images; those refuse this, and \
            nothing is lost. With a digest behind it, a tag goes only if that is what it points to.

            Examples:
              wharf untag localhost:5000/team/app:old
              wharf untag localhost:5000/team/app:old localhost:5000/team/app:older
              wharf untag localhost:5000/team/app:old@sha256:…
            """
    )

    @Argument(help: ArgumentHelp("Images with their tags.", valueName: "image"), transform: Typed.location)
    var images: [ImageLocation]

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        for image in images { _ = try Self.tag(of: image) }
    }

    func run(with registries: Registries) async throws {
        for image in images {
            let (tag, condition) = try Self.tag(of: image)
            try await registries.writing(image) { target in
                try await target.registry.deleteTag(tag, if: condition, in: target.repository)
                print(target.name(tagged: tag))
            }
        }
    }

    private static func tag(of image: ImageLocation) throws -> (Tag, TagCondition) {
        switch image {
        case .registry(let reference):
            if let tag = reference.tag { return (tag, reference.digest.map { .pointsTo($0) } ?? .none) }
        case .layout(_, .tag(let tag)?), .layoutArchive(_, .tag(let tag)?): return (tag, .none)
        default: break
        }
        throw ValidationError("\(image) names no tag: write image:tag.")
    }
}

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
            nothing is lost. With a digest behind it, a tag goes only if that is what it points to. Of several, one \
            that cannot be taken away does not keep the others: it is named, and the command ends with 2.

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
        var failures: [any Error] = []
        let images = images.once
        for image in images {
            do {
                try await Self.take(image, with: registries)
            } catch {
                guard !(error is CancellationError), !Task.isCancelled else { throw error }
                failures.append(error)
            }
        }
        // Where nothing was done, the code of the one reason says more than that there were several.
        guard let last = failures.last else { return }
        let isPartly = failures.count < images.count
        for failure in isPartly ? failures[...] : failures.dropLast() {
            Remark.print("Error: \(ErrorSentence.text(of: failure, else: "\(failure)"))")
        }
        guard isPartly else { throw last }
        throw PartlyUntagged(failed: failures.count, count: images.count)
    }

    private static func take(_ image: ImageLocation, with registries: Registries) async throws {
        let (tag, condition) = try tag(of: image)
        try await registries.writing(image) { target in
            try await target.registry.deleteTag(tag, if: condition, in: target.repository)
            print(target.name(tagged: tag))
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

/// Some tags are still there.
private struct PartlyUntagged: ExitStatusError, CustomStringConvertible {
    var failed: Int
    var count: Int

    var exitStatus: ExitStatus { .partly }
    var description: String { "\(failed) of \(HumanText.count(count, "tag")) could not be taken away; see above." }
}

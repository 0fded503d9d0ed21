import ArgumentParser
import OCI
import RegistryContract
import Transfer

/// `wharf promote`: brings the very image that was tested under another tag or into another repository.
struct PromoteCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Bring the very image that was tested to another tag or repository, with its signatures.",
        discussion: """
            The digest stays the same, whatever else happens: the tag is read once, at the beginning. What refers to \
            the image goes along. With --from-digest nothing is done unless the source still points there; \
            the same holds of a digest that the target names.

            Examples:
              wharf promote localhost:5000/team/app:1.4.2-rc1 localhost:5000/team/app:1.4.2
              wharf promote localhost:5000/test/app:1.4.2 localhost:5000/prod/app:1.4.2 --from-digest sha256:…
              wharf promote localhost:5000/test/app:1.4.2 localhost:5000/prod/app:1.4.2 --only-new
            """
    )

    @Argument(help: ArgumentHelp("The image that was tested.", valueName: "source"), transform: Typed.reference)
    var source: ImageReference

    @Argument(help: ArgumentHelp("What it is to be.", valueName: "target"), transform: Typed.reference)
    var target: ImageReference

    @Option(help: ArgumentHelp("The digest that the source must have.", valueName: "digest"), transform: Typed.digest)
    var fromDigest: Digest?

    @Flag(help: "Do nothing if the target is there already with another digest.")
    var onlyNew = false

    @Flag(help: "Leave behind what refers to the image.")
    var withoutReferrers = false

    @Flag(help: "Say whether the tag would move, and change nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let from = try await registries.place(.registry(source), forChange: true)
        let to = try await registries.place(.registry(target), forChange: true)
        let image = try await from.registry.descriptor(of: from.wanted, in: from.repository)
        if let fromDigest, fromDigest != image.digest {
            throw Failure(
                description: "\(source) points to \(image.digest) now, and not to \(fromDigest): nothing was done."
            )
        }
        try to.location.demand(image.digest)
        let tag = target.tag ?? source.tag ?? ImageReference.latest
        if onlyNew, let there = try await to.digest(of: tag), there != image.digest {
            throw Failure(
                description: "\(to.name(tagged: tag)) is there already, with \(there): nothing was done."
            )
        }
        var options = TransferOptions()
        options.copiesReferrers = !withoutReferrers
        options.copiesSignatureTags = !withoutReferrers
        // Somebody may be faster, between the look and the move.
        if onlyNew { options.tagCondition = .oneOf([nil, image.digest]) }
        let transfer = Transfer(from: from.place, to: to.place, options: options)
        guard !dryRun else {
            let outlook = try await transfer.outlook(.digest(image.digest), tags: [tag])
            return try output.show(CopyOutlook(outlook, target: to.name(tagged: tag)))
        }
        let report = try await transfer.copy(.digest(image.digest), tags: [tag])
        let result = CopyResult(report, target: to.name(tagged: tag))
        if output.form == .table, output.field == nil {
            print("\(result.target)@\(result.digest)")
        } else {
            try output.show(result)
        }
    }
}

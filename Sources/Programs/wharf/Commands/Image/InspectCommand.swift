import ArgumentParser
import OCI

/// `wharf inspect`: says what an image is.
struct InspectCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what an image is: digest, platforms, time, command, labels, layers.",
        discussion: """
            Of an image for several platforms, each is shown in short; with --platform, one in full.

            Examples:
              wharf inspect nginx:1.27
              wharf inspect nginx:1.27 --platform linux/arm64 -o json
              wharf inspect localhost:5000/team/app --format digest
              wharf inspect localhost:5000/team/app:prod --at 2026-11-01
              wharf inspect oci:images:1.0
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Option(help: "Of an image for several platforms, the one for this.", transform: Typed.platform)
    var platform: Platform?

    @Option(
        help: ArgumentHelp(
            "The image that the tag named then, where the registry keeps that. \(TagTime.help)",
            valueName: "time"
        ),
        transform: Typed.time
    )
    var at: TagTime?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image).turned(to: at)
        do {
            try show(try await summary(in: place))
        } catch {
            throw place.explaining(error, at)
        }
    }

    private func summary(in place: OpenedLocation) async throws -> ImageSummary {
        var name = self.image.description
        if at != nil, case .digest(let digest)? = place.reference { name = place.name(of: digest) }
        guard platform != nil else { return try await ImageSummary(of: place.wanted, in: place, named: name) }
        return ImageSummary(try await place.image(for: platform), named: name)
    }

    private func show(_ summary: ImageSummary) throws {
        guard output.form == .table, output.field == nil else { return try output.show(document: summary) }
        print(summary.text, terminator: "")
    }
}

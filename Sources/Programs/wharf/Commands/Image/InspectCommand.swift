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
              wharf inspect oci:images:1.0
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Option(help: "Of an image for several platforms, the one for this.", transform: Typed.platform)
    var platform: Platform?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image)
        guard platform != nil else {
            let summary = try await ImageSummary(of: place.wanted, in: place, named: image.description)
            return try show(summary)
        }
        let image = try await place.image(for: platform)
        try show(ImageSummary(image, named: self.image.description))
    }

    private func show(_ summary: ImageSummary) throws {
        guard output.form == .table, output.field == nil else { return try output.show(document: summary) }
        print(summary.text, terminator: "")
    }
}

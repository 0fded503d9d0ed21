import ArgumentParser
import Imaging
import OCI

/// `wharf config IMAGE`: shows the configuration of an image.
struct ConfigImage: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Show the configuration of an image, byte for byte (also: wharf config IMAGE).",
        discussion: """
            Examples:
              wharf config nginx:1.27
              wharf config nginx:1.27 --platform linux/arm64 --format config.Env
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Option(help: "Of an image for several platforms, the one for this.", transform: Typed.platform)
    var platform: Platform?

    @OptionGroup var output: DocumentOutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image)
        let reader = ImageReader(place.place)
        let manifest = try await reader.manifest(place.wanted, for: platform)
        try output.show(try await reader.configBytes(of: manifest))
    }
}

import ArgumentParser
import Documents
import Foundation
import Imaging
import NIOCore
import OCI
import RegistryContract

/// `wharf manifest`: shows the manifest of an image, byte for byte.
struct ManifestCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Show the manifest of an image, or its index, byte for byte.",
        discussion: """
            Without -o the very bytes are written, so that their digest can be computed; with it they are laid out.

            Examples:
              wharf manifest nginx:1.27
              wharf manifest nginx:1.27 --platform linux/arm64 -o yaml
              wharf manifest nginx:1.27 --format manifests.digest
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
        guard platform != nil else {
            let manifest = try await place.registry.manifest(place.wanted, in: place.repository)
            return try output.show(Array(manifest.bytes.readableBytesView))
        }
        try output.show(try await place.image(for: platform).manifest.bytes)
    }
}

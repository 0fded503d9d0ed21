import ArgumentParser
import Imaging
import OCI
import RegistryContract

/// `wharf digest`: shows the digest that a tag points to.
struct DigestCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Show the digest that a tag points to.",
        discussion: """
            Examples:
              wharf digest nginx:1.27
              wharf digest nginx:1.27 --platform linux/arm64
              wharf digest localhost:5000/team/app:prod --at 2026-11-01T12:00+01:00
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

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image).turned(to: at)
        do {
            guard platform != nil else {
                return print(try await place.registry.descriptor(of: place.wanted, in: place.repository).digest)
            }
            print(try await place.image(for: platform).manifest.digest)
        } catch {
            throw place.explaining(error, at)
        }
    }
}

import ArgumentParser
import Imaging
import OCI

/// `wharf mutate`: changes how an image is run, and what it says of itself.
struct MutateCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutate",
        abstract: "Change labels, environment, entrypoint and the like of an image, without fetching its layers.",
        discussion: """
            Of an index every image is changed, or those of --platform. The tag moves to the new image, unless --to \
            says where it goes.

            Examples:
              wharf mutate localhost:5000/team/app:1.4 --label maintainer=team --env LOG_LEVEL=info
              wharf mutate localhost:5000/team/app:1.4 --entrypoint /bin/app --to localhost:5000/team/app:1.4-b
              wharf mutate localhost:5000/team/app:1.4 --unset-env SECRET --dry-run
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @OptionGroup var change: ConfigChangeOptions

    @Option(
        name: .customLong("annotation"),
        help: ArgumentHelp("An annotation of the manifest.", valueName: "name=value"),
        transform: Typed.assignment
    )
    var annotations: [NamedText] = []

    @Option(
        help: ArgumentHelp("Only the image for this platform; several are taken.", valueName: "platform"),
        transform: Typed.platform
    )
    var platform: [Platform] = []

    @OptionGroup var push: PushOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image, forChange: true)
        var change = ImageChange()
        change.config = self.change.configChange
        change.annotations = TextChanges(assigned: annotations)
        let draft = try await ImageEditor(place.place).changed(place.wanted, by: change, platforms: platform)
        try await registries.push(draft, over: place.location, options: push, output: output)
    }
}

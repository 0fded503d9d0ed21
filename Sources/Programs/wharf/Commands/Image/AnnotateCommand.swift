import ArgumentParser
import Imaging
import OCI

/// `wharf annotate`: changes the annotations of an image, an index or an artifact.
struct AnnotateCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotate",
        abstract: "Change the annotations of an image, an index or an artifact.",
        discussion: """
            The changed manifest has another digest; the tag moves to it, unless --to says where it goes.

            Examples:
              wharf annotate localhost:5000/team/app:1.4 org.opencontainers.image.licenses=MIT
              wharf annotate localhost:5000/team/app:1.4 --remove internal.note --scope all
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Argument(
        help: ArgumentHelp("Annotations, each as name=value.", valueName: "name=value"),
        transform: Typed.assignment
    )
    var annotations: [NamedText] = []

    @Option(help: ArgumentHelp("The name of an annotation to take away.", valueName: "name"))
    var remove: [String] = []

    @Option(help: "Of an index: its own annotations, those of its images, or both.")
    var scope = ImageEditor.AnnotationScope.root

    @OptionGroup var push: PushOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        guard !annotations.isEmpty || !remove.isEmpty else {
            throw ValidationError("Nothing is to change: write name=value, or --remove NAME.")
        }
    }

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image, forChange: true)
        let changes = TextChanges(assigned: annotations, removed: remove)
        let draft = try await ImageEditor(place.place).annotated(place.wanted, by: changes, scope: scope)
        try await registries.push(draft, over: place.location, options: push, output: output)
    }
}

extension ImageEditor.AnnotationScope: ExpressibleByArgument {}

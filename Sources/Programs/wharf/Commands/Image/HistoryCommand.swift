import ArgumentParser
import Imaging
import OCI

/// `wharf history`: shows how an image was made, step by step.
struct HistoryCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show how an image was made, step by step, with the layer of each.",
        discussion: """
            Examples:
              wharf history nginx:1.27
              wharf history oci:images:1.0 -o json
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Option(help: "Of an image for several platforms, the one for this.", transform: Typed.platform)
    var platform: Platform?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let image = try await registries.place(image).image(for: platform)
        try output.show(image.steps.map(ShownStep.init))
    }
}

/// A step, shown.
struct ShownStep: Encodable, TableRow {
    static let columns = ["CREATED", "SIZE", "LAYER", "BY"]

    /// When, in RFC 3339.
    var created: String?
    /// The bytes of the layer that it made, as they are stored.
    var size: Int64?
    /// The digest of that layer.
    var layer: String?
    /// The digest of the layer's tar archive.
    var diffID: String?
    /// The command.
    var createdBy: String?
    /// What was said of it.
    var comment: String?

    var cells: [String] {
        [
            created.map { String($0.prefix(19)).replacing("T", with: " ") } ?? "-",
            size.map(HumanText.bytes) ?? "-",
            layer.map { String($0.dropFirst("sha256:".count).prefix(12)) } ?? "-",
            createdBy ?? comment ?? "-",
        ]
    }

    init(_ step: ImageStep) {
        created = step.history?.created
        size = step.layer?.size
        layer = step.layer?.digest.description
        diffID = step.diffID?.description
        createdBy = step.history?.createdBy
        comment = step.history?.comment
    }
}

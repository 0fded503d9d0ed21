import ArgumentParser
import ContainerTools
import Foundation
import Imaging
import OCI

/// `wharf append`: lays further layers on an image.
struct AppendCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Lay further layers on an image: tar archives, or files and folders.",
        discussion: """
            The layers below are not fetched. What ends in .tar, .tar.gz, .tgz or .tar.zst is a layer as it stands; \
            all else is path:/target, and becomes one layer together.

            Examples:
              wharf append localhost:5000/base/app:1 config:/etc/app --to localhost:5000/team/app:1
              wharf append localhost:5000/base/app:1 layer.tar.gz --to localhost:5000/team/app:1 --label built=yes
            """
    )

    @Argument(help: ArgumentHelp("The image below.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Argument(help: ArgumentHelp("Archives, or files as path:/target.", valueName: "layer"))
    var layers: [String]

    @Option(help: "How a layer is compressed that is not yet.")
    var compression = LayerCompression.gzip

    @OptionGroup var change: ConfigChangeOptions

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
        let time = try Timestamp.sourceDateEpoch(registries.machine.environment)
        var change = ImageChange()
        change.config = self.change.configChange
        change.layers = try await drafts(at: time)
        let draft = try await ImageEditor(place.place).changed(place.wanted, by: change, platforms: platform)
        try await registries.push(draft, over: place.location, options: push, output: output)
    }

    private func drafts(at time: Int64) async throws -> [LayerDraft] {
        let maker = LayerMaker(compression: compression)
        var (drafts, sources): ([LayerDraft], [FileSource]) = ([], [])
        for layer in layers {
            if Self.isArchive(layer) {
                drafts.append(try await maker.layer(tar: layer, history: Self.step(layer, time)))
            } else if let source = FileSource(layer) {
                sources.append(source)
            } else {
                throw ValidationError(
                    "\(layer) is no archive, and names no file and where it goes: write path:/target."
                )
            }
        }
        if !sources.isEmpty {
            let targets = sources.map(\.target).joined(separator: " ")
            let step = Self.step(targets, time)
            drafts.append(try await maker.layer(of: sources, modified: time, addsParents: false, history: step))
        }
        return drafts
    }

    private static func step(_ what: String, _ time: Int64) -> HistoryStep {
        HistoryStep(created: Timestamp.text(time), createdBy: "wharf append \(what)")
    }

    private static func isArchive(_ path: String) -> Bool {
        [".tar", ".tar.gz", ".tgz", ".tar.zst"].contains { path.hasSuffix($0) }
    }
}

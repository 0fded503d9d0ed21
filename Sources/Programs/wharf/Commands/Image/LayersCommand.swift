import ArgumentParser
import Imaging
import OCI

/// `wharf layers`: looks into the layers of an image.
struct LayersCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "layers",
        abstract: "Look into the layers of an image: what each added, changed and removed, and what is wasted.",
        discussion: """
            Wasted are the bytes of files that a later layer overwrites or removes: everybody who pulls the image \
            fetches them, and nobody sees them. With --efficiency-min the command ends with 1 where less than that \
            share is of use.

            Examples:
              wharf layers nginx:1.27
              wharf layers localhost:5000/team/app:1.4 --files --layer 3
              wharf layers localhost:5000/team/app:1.4 --efficiency-min 0.95 -o json
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Option(help: "Of an image for several platforms, the one for this.", transform: Typed.platform)
    var platform: Platform?

    @Flag(help: "List the files of each layer.")
    var files = false

    @Option(help: ArgumentHelp("Only this layer, counted from 1 for the lowest.", valueName: "number"))
    var layer: Int?

    @Option(help: ArgumentHelp("How many paths of wasted space are shown.", valueName: "count"))
    var waste = 10

    @Option(help: ArgumentHelp("Fail where a smaller share of the bytes is of use.", valueName: "share"))
    var efficiencyMin: Double?

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        if let efficiencyMin, !(0...1).contains(efficiencyMin) {
            throw ValidationError("--efficiency-min is a share from 0 to 1, such as 0.95")
        }
    }

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image)
        let found = try await place.image(for: platform)
        if let layer, !(1...max(1, found.layers.count)).contains(layer) {
            let count = found.layers.count
            throw ValidationError("It has \(HumanText.count(count, "layer")): --layer is from 1 to \(count).")
        }
        let display = ProgressDisplay.standard(quiet: quiet, verbose: connection.verbose)
        let contents = try await display.whileShown {
            try await ContentReader().contents(
                of: found,
                in: place.place,
                observer: ProgressObserver(display: display)
            )
        }
        let shown = ShownContents(contents, wasteMax: waste, withFiles: files, only: layer)
        if output.form == .table, output.field == nil {
            print(shown.text, terminator: "")
        } else {
            try output.show(document: shown)
        }
        if let efficiencyMin, contents.efficiency < efficiencyMin {
            throw Failure(
                description: "Only \(ShownContents.percent(contents.efficiency)) of the bytes are of use, and "
                    + "\(ShownContents.percent(efficiencyMin)) are asked for."
            )
        }
    }
}

/// What the layers of an image did, shown.
struct ShownContents: Encodable {
    struct Layer: Encodable {
        var number: Int
        var digest: String
        /// As it is stored, in bytes.
        var size: Int64
        /// Its files without compression, in bytes.
        var fileBytes: Int64
        var added: Int
        var changed: Int
        var removed: Int
        /// Bytes of lower layers that it hides.
        var hiddenBytes: Int64
        var createdBy: String?
        var files: [File]?
    }

    struct File: Encodable {
        var path: String
        var change: String
        var size: Int64?
        var mode: String?
        var owner: UInt32?
        var group: UInt32?
        var link: String?
    }

    struct Waste: Encodable {
        var path: String
        var times: Int
        var bytes: Int64
    }

    var layers: [Layer]
    var fileBytes: Int64
    var wastedBytes: Int64
    /// The share of the bytes that are of use, from 0 to 1.
    var efficiency: Double
    var waste: [Waste]

    init(_ contents: ImageContents, wasteMax: Int, withFiles: Bool, only number: Int?) {
        layers = contents.layers.enumerated()
            .map { Layer($1, number: $0 + 1, withFiles: withFiles) }
            .filter { number == nil || $0.number == number }
        fileBytes = contents.fileByteCount
        wastedBytes = contents.wastedByteCount
        efficiency = contents.efficiency
        waste = contents.waste.prefix(max(0, wasteMax)).map {
            Waste(path: $0.path.description, times: $0.fileCount, bytes: $0.byteCount)
        }
    }

    /// To a tenth of a hundredth.
    static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded(.down))
        return "\(tenths / 10).\(tenths % 10) %"
    }
}

extension ShownContents.Layer {
    init(_ layer: ImageContents.Layer, number: Int, withFiles: Bool) {
        self.number = number
        digest = layer.descriptor.digest.description
        size = layer.descriptor.size
        fileBytes = layer.fileByteCount
        added = layer.count(of: .added)
        changed = layer.count(of: .changed)
        removed = layer.count(of: .removed)
        hiddenBytes = layer.hiddenByteCount
        createdBy = layer.history?.createdBy
        files = withFiles ? layer.changes.map(ShownContents.File.init) : nil
    }
}

extension ShownContents.File {
    init(_ change: FileChange) {
        path = change.path.description
        self.change = change.kind.rawValue
        size = change.after?.size
        mode = change.after.map { String($0.mode, radix: 8) }
        owner = change.after?.owner
        group = change.after?.group
        link = change.after?.linkTarget?.description
    }
}

// MARK: - For people

extension ShownContents {
    /// A line for each layer, its files below it, and what is wasted at the end.
    var text: String {
        var text = ""
        for layer in layers {
            let counts = "+\(layer.added) ~\(layer.changed) -\(layer.removed)"
            text += "\("\(layer.number)".paddedLeft(to: 3))  \(layer.digest.dropFirst(7).prefix(12))  "
            text += "\(HumanText.bytes(layer.size).paddedLeft(to: 8))  \(counts.padded(to: 18))  "
            text += "\(ShownText.line(String((layer.createdBy ?? "").prefix(80))))\n"
            for file in layer.files ?? [] { text += Self.line(of: file) }
        }
        text += "files:      \(HumanText.bytes(fileBytes))\n"
        text += "wasted:     \(HumanText.bytes(wastedBytes))\n"
        text += "efficiency: \(Self.percent(efficiency))\n"
        for waste in waste {
            let size = HumanText.bytes(waste.bytes).paddedLeft(to: 8)
            text += "  \(size)  \("\(waste.times)x".paddedLeft(to: 4))  /\(ShownText.line(waste.path))\n"
        }
        return text
    }

    private static func line(of file: File) -> String {
        let mark = ["added": "+", "changed": "~", "removed": "-"][file.change] ?? " "
        let size = file.size.map(HumanText.bytes) ?? ""
        let link = file.link.map { " -> \($0)" } ?? ""
        let name = ShownText.line("/\(file.path)\(link)")
        return "     \(mark) \((file.mode ?? "").paddedLeft(to: 5)) \(size.paddedLeft(to: 8))  \(name)\n"
    }
}

import ArgumentParser
import Documents
import Imaging
import OCI

/// `wharf diff`: says in what two images differ.
struct DiffCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say in what two images differ: config, layers, and with --files every file.",
        discussion: """
            With --exit-code the command ends with 7 where they differ.

            Examples:
              wharf diff localhost:5000/team/app:1.3 localhost:5000/team/app:1.4
              wharf diff nginx:1.26 nginx:1.27 --files --platform linux/amd64
            """
    )

    @Argument(help: ArgumentHelp("One image, the older as a rule.", valueName: "image"), transform: Typed.location)
    var left: ImageLocation

    @Argument(help: ArgumentHelp("The other.", valueName: "image"), transform: Typed.location)
    var right: ImageLocation

    @Flag(help: "Compare the files too: all layers that they do not share are read.")
    var files = false

    @Option(help: "Of images for several platforms, the ones for this.", transform: Typed.platform)
    var platform: Platform?

    @Flag(help: "End with 7 where they differ.")
    var exitCode = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let (one, other) = (try await registries.place(left), try await registries.place(right))
        let (before, after) = (try await one.image(for: platform), try await other.image(for: platform))
        var contents: (left: [ImageContents.File], right: [ImageContents.File])?
        if files {
            let reader = ContentReader(hashesFiles: true)
            let lower = try await reader.contents(of: before, in: one.place)
            let upper = try await reader.contents(of: after, in: other.place)
            contents = (lower.files, upper.files)
        }
        let difference = ImageDifference(before, after, files: contents)
        try show(difference)
        if exitCode, !difference.isEmpty { throw ExitCode(ExitStatus.different.rawValue) }
    }

    private func show(_ difference: ImageDifference) throws {
        let shown = ShownDifference(difference)
        guard output.form == .table, output.field == nil else { return try output.show(document: shown) }
        print(shown.text, terminator: "")
    }
}

/// The difference of two images, shown.
struct ShownDifference: Encodable {
    struct Field: Encodable {
        var name: String
        var left: String?
        var right: String?
    }

    struct Layer: Encodable {
        var digest: String
        var size: Int64
    }

    struct File: Encodable {
        var path: String
        var change: String
        var leftSize: Int64?
        var rightSize: Int64?
        /// What of it differs, where it is in both.
        var what: [String]
    }

    var fields: [Field]
    var commonLayers: [Layer]
    var leftLayers: [Layer]
    var rightLayers: [Layer]
    var files: [File]?

    init(_ difference: ImageDifference) {
        fields = difference.fields.map { field in
            Field(name: field.path.joined(separator: "."), left: Self.text(field.left), right: Self.text(field.right))
        }
        commonLayers = difference.commonLayers.map { Layer(digest: $0.digest.description, size: $0.size) }
        leftLayers = difference.leftLayers.map { Layer(digest: $0.digest.description, size: $0.size) }
        rightLayers = difference.rightLayers.map { Layer(digest: $0.digest.description, size: $0.size) }
        files = difference.files.map { $0.map(Self.file) }
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        if case .string(let text) = value { return text }
        return String(decoding: value.json(), as: UTF8.self)
    }

    private static func file(_ file: ImageDifference.File) -> File {
        var what: [String] = []
        if let left = file.left, let right = file.right {
            if left.kind != right.kind { what.append("kind") }
            if left.size != right.size || left.digest != right.digest { what.append("content") }
            if left.mode != right.mode { what.append("mode") }
            if left.owner != right.owner || left.group != right.group { what.append("owner") }
            if left.linkTarget != right.linkTarget { what.append("link") }
        }
        return File(
            path: file.path.description,
            change: file.kind.rawValue,
            leftSize: file.left?.size,
            rightSize: file.right?.size,
            what: what
        )
    }

    /// For people: a `-` before what only the left has, a `+` before what only the right has.
    var text: String {
        var text = ""
        for field in fields {
            if let left = field.left { text += ShownText.line("- \(field.name): \(left)") + "\n" }
            if let right = field.right { text += ShownText.line("+ \(field.name): \(right)") + "\n" }
        }
        let common = HumanText.count(commonLayers.count, "layer")
        text += "  \(common) \(commonLayers.count == 1 ? "is" : "are") the same\n"
        for layer in leftLayers { text += "- layer \(layer.digest), \(HumanText.bytes(layer.size))\n" }
        for layer in rightLayers { text += "+ layer \(layer.digest), \(HumanText.bytes(layer.size))\n" }
        for file in files ?? [] { text += Self.line(of: file) }
        return text
    }

    private static func line(of file: File) -> String {
        let path = ShownText.line(file.path)
        return switch (file.leftSize, file.rightSize) {
        case (let left?, nil): "- /\(path), \(HumanText.bytes(left))\n"
        case (nil, let right?): "+ /\(path), \(HumanText.bytes(right))\n"
        case (let left?, let right?):
            "~ /\(path), \(HumanText.bytes(left)) -> \(HumanText.bytes(right)): "
                + "\(file.what.joined(separator: ", "))\n"
        case (nil, nil): ""
        }
    }
}

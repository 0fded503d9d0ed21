import ArgumentParser
import Documents
import Foundation

/// How a JSON document that lies in a registry is shown: as it lies there, unless something else is asked for.
struct DocumentOutputOptions: ParsableArguments {
    /// The forms.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case raw
        case json
        case yaml
    }

    @Option(name: [.customShort("o"), .customLong("output")], help: "How it is written.")
    var form = Form.raw

    @Option(
        name: .customLong("format"),
        help: ArgumentHelp("Write one field only, such as config.digest, as it stands.", valueName: "field")
    )
    var field: String?

    /// Shows a document.
    func show(_ bytes: [UInt8]) throws {
        guard form != .raw || field != nil else {
            // Readable on a terminal, and the very bytes everywhere else.
            guard Terminal.showsOutput else { return try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }
            let isEnded = bytes.last == UInt8(ascii: "\n")
            return DocumentText.print(String(decoding: bytes, as: UTF8.self), terminator: isEnded ? "" : "\n")
        }
        let value = try JSONValue(json: bytes)
        if let field {
            for line in try FieldPath(field).texts(in: value) { DocumentText.print(line) }
        } else {
            DocumentText.print(form == .json ? value.laidOutJSON() + "\n" : value.yaml(), terminator: "")
        }
    }
}

import ArgumentParser
import Documents
import Foundation

/// How what a command shows is written.
struct OutputOptions: ParsableArguments {
    /// The forms.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
        case yaml
    }

    @Option(name: [.customShort("o"), .customLong("output")], help: "How it is written.")
    var form = Form.table

    @Option(
        name: .customLong("format"),
        help: ArgumentHelp(
            "Write one field only, such as digest or images[0].platform, as it stands.",
            valueName: "field"
        )
    )
    var field: String?

    /// Shows a list.
    func show<Item: Encodable & TableRow>(_ items: [Item]) throws {
        guard form == .table, field == nil else { return try show(document: items) }
        print(Table.text(of: items), terminator: "")
    }

    /// Shows one thing.
    func show<Item: Encodable & TableRow>(_ item: Item) throws {
        guard form == .table, field == nil else { return try show(document: item) }
        print(Table.text(of: item), terminator: "")
    }

    /// Shows what has no table.
    func show(document: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard form == .json, field == nil else {
            return try show(value: try JSONValue(json: try encoder.encode(document)).inReadingOrder)
        }
        encoder.outputFormatting.insert(.prettyPrinted)
        DocumentText.print(String(decoding: try encoder.encode(document), as: UTF8.self))
    }

    /// Shows a document that is there as such; a table of it is its YAML.
    func show(value: JSONValue) throws {
        if let field {
            let lines = try FieldPath(field).texts(in: value)
            if !lines.isEmpty { DocumentText.print(lines.joined(separator: "\n")) }
        } else if form == .json {
            DocumentText.print(value.laidOutJSON())
        } else {
            DocumentText.print(value.yaml(), terminator: "")
        }
    }
}

extension JSONValue {
    /// What a reader looks for first.
    private static let firstNames = [
        "name", "id", "subject", "principal", "effect", "repo", "actions", "roles", "users", "groups", "projects",
        "robots", "members",
    ]

    /// The same with what names a thing before the rest of it.
    fileprivate var inReadingOrder: JSONValue {
        switch self {
        case .array(let items): .array(items.map(\.inReadingOrder))
        case .object(let members):
            .object(
                (Self.firstNames.compactMap { name in members.first { $0.name == name } }
                    + members.filter { !Self.firstNames.contains($0.name) })
                    .map { Member($0.name, $0.value.inReadingOrder) }
            )
        default: self
        }
    }
}

/// Text of a document on standard output: as it stands for programs, and harmless on a terminal.
enum DocumentText {
    /// Prints it.
    static func print(_ text: String, terminator: String = "\n") {
        Swift.print(Terminal.showsOutput ? ShownText.lines(text) : text, terminator: terminator)
    }
}

import ArgumentParser
import Documents

/// The way to one field of a document: names parted by dots, positions in brackets, such as `images[0].platform`.
///
/// A list on the way stands for each of its elements: `tags.digest` gives a line for each tag. A name with a dot in it
/// is written in brackets: `annotations[org.opencontainers.image.created]`.
struct FieldPath {
    private enum Step {
        case name(String)
        case position(Int)
    }

    private let text: String
    private let steps: [Step]

    /// Reads a path.
    init(_ text: String) throws {
        var steps: [Step] = []
        var rest = text[...]
        if rest.hasPrefix(".") { rest = rest.dropFirst() }
        while let first = rest.first {
            if first == "[" {
                guard let end = rest.firstIndex(of: "]") else {
                    throw ValidationError("--format \(text): a [ has no ].")
                }
                let inner = String(rest[rest.index(after: rest.startIndex)..<end])
                steps.append(Int(inner).map(Step.position) ?? .name(inner))
                rest = rest[rest.index(after: end)...]
            } else {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { throw ValidationError("--format \(text): a name is missing.") }
                steps.append(.name(String(name)))
                rest = rest[name.endIndex...]
            }
            if rest.hasPrefix(".") { rest = rest.dropFirst() }
        }
        guard !steps.isEmpty else { throw ValidationError("--format needs the name of a field, such as digest.") }
        self.text = text
        self.steps = steps
    }

    /// What stands there: texts as they are, all else as JSON; a line for each element of a list.
    func texts(in document: JSONValue) throws -> [String] {
        var values = [document]
        for step in steps {
            var next: [JSONValue] = []
            var names: [String] = []
            for value in values {
                switch (step, value) {
                case (.position(let position), .array(let items)):
                    if items.indices.contains(position) { next.append(items[position]) }
                case (.name(let name), .array(let items)):
                    next += items.compactMap { $0[name] }
                case (.name(let name), .object(let members)):
                    names += members.map(\.name)
                    if let found = value[name] { next.append(found) }
                default: break
                }
            }
            if next.isEmpty, !names.isEmpty {
                throw Failure(
                    description: "There is no field \(text) here; there are: \(names.joined(separator: ", "))."
                )
            }
            values = next
        }
        return values.flatMap { value in
            if case .array(let items) = value { items.map(Self.text) } else { [Self.text(value)] }
        }
    }

    private static func text(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return String(decoding: value.json(), as: UTF8.self)
    }
}

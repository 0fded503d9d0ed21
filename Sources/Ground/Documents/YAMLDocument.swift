/// A document of a YAML text, as a tree that knows where each of its parts stands.
///
/// A text without quotes has two meanings: `1.10` is a number by the rules of YAML 1.2, and still the text `1.10` where
/// a version is wanted. Both are kept here; ``json(textsOf:)`` is told which one is wanted where. One thing is
/// lost: a byte order mark at the very beginning of a text in quotes, which the parser takes away.
public struct YAMLDocument: Sendable {
    /// The largest text that is read, in bytes.
    public static let byteCountMax = 4 << 20

    /// Where something stands: line and column, counted from 1 in characters of Unicode.
    public struct Place: Hashable, Sendable {
        /// The line.
        public let line: Int
        /// The column.
        public let column: Int
    }

    /// A text, a list or a mapping, and where it begins.
    public struct Node: Sendable {
        /// Where it begins.
        public let place: Place
        /// What it is.
        public let content: Content
    }

    /// What a node can be.
    public enum Content: Sendable {
        /// A text, a number, yes or no, or nothing.
        case scalar(Scalar)
        /// A list.
        case list([Node])
        /// Keys and what stands under them.
        case mapping([Entry])
    }

    /// What is written as one text.
    public struct Scalar: Sendable {
        /// The text, without its quotes.
        public let text: String
        /// Whether it must be a text, because it has quotes.
        public let isQuoted: Bool

        /// Whether it is nothing: empty, `~` or `null`, without quotes.
        public var isNull: Bool { !isQuoted && CoreSchema.value(of: text) == .null }
    }

    /// A key of a mapping.
    public struct Entry: Sendable {
        /// The key as a text.
        public let name: String
        /// Where the key begins.
        public let place: Place
        /// What stands under it.
        public let value: Node
    }

    /// The name that problems are reported under, such as the path of the file.
    public let name: String
    /// All of it.
    public let root: Node

    init(name: String, root: Node) {
        self.name = name
        self.root = root
    }

    /// Why a text cannot be taken, where it is, and what to do.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// The name of the document.
        public let name: String
        /// Where; nil for what is wrong with the whole.
        public let place: Place?
        /// What is wrong and how to mend it, without the place.
        public let sentence: String

        /// States a problem.
        public init(name: String, place: Place?, sentence: String) {
            self.name = name
            self.place = place
            self.sentence = sentence
        }

        /// Such as `roles.yaml: line 3, column 18: …`.
        public var description: String {
            let position = place.map { "line \($0.line), column \($0.column): " } ?? ""
            return "\(name): \(position)\(sentence)"
        }
    }
}

extension YAMLDocument {
    /// The document in JSON.
    ///
    /// - Parameter names: keys that have texts: what stands under them, or in a list under them, is a text even when it
    ///   looks like a number or like yes or no.
    /// - Returns: the text of the JSON, without white space.
    /// - Throws: ``Problem`` for a number that JSON has none for.
    public func json(textsOf names: Set<String> = []) throws(Problem) -> [UInt8] {
        try value(textsOf: names).json()
    }

    /// The document as a JSON value; see ``json(textsOf:)``.
    public func value(textsOf names: Set<String> = []) throws(Problem) -> JSONValue {
        try value(of: root, isText: false, names)
    }

    private func value(of node: Node, isText: Bool, _ names: Set<String>) throws(Problem) -> JSONValue {
        switch node.content {
        case .scalar(let scalar) where scalar.isQuoted || (isText && !scalar.isNull):
            return .string(scalar.text)
        case .scalar(let scalar):
            if let value = CoreSchema.value(of: scalar.text) { return value }
            let sentence = "\(scalar.text) is a number that cannot be used: if it is a text, write it in quotes"
            throw Problem(name: name, place: node.place, sentence: sentence)
        case .list(let items):
            var values: [JSONValue] = []
            for item in items { values.append(try value(of: item, isText: isText, names)) }
            return .array(values)
        case .mapping(let entries):
            var members: [JSONValue.Member] = []
            for entry in entries {
                let isText = names.contains(entry.name)
                members.append(.init(entry.name, try value(of: entry.value, isText: isText, names)))
            }
            return .object(members)
        }
    }

    /// A step on the way from the root to a part.
    public enum Step: Hashable, Sendable {
        /// Under a key.
        case name(String)
        /// In a list, counted from 0.
        case item(Int)
    }

    /// Where the part stands that the steps lead to, or the last part on the way that is there.
    public func place(of steps: [Step]) -> Place {
        var (node, place) = (root, root.place)
        for step in steps {
            switch (step, node.content) {
            case (.name(let name), .mapping(let entries)):
                guard let entry = entries.first(where: { $0.name == name }) else { return place }
                (node, place) = (entry.value, entry.place)
            case (.item(let index), .list(let items)):
                guard items.indices.contains(index) else { return place }
                (node, place) = (items[index], items[index].place)
            default: return place
            }
        }
        return place
    }
}

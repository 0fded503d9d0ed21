/// A JSON value that keeps its members in the order in which they were given, so that what is made of it reads well.
enum JSONText: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    case string(String)
    case number(Int)
    case bool(Bool)
    case array([JSONText])
    case object([Member])

    typealias Member = (name: String, value: JSONText)

    init(stringLiteral text: String) { self = .string(text) }
    init(arrayLiteral items: JSONText...) { self = .array(items) }

    static func == (left: JSONText, right: JSONText) -> Bool { left.text() == right.text() }

    /// The value as text, objects with a member a line.
    func text(indent: String = "") -> String {
        switch self {
        case .string(let string): return Self.quoted(string)
        case .number(let number): return "\(number)"
        case .bool(let bool): return "\(bool)"
        case .array(let items): return "[" + items.map { $0.text(indent: indent) }.joined(separator: ", ") + "]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let inner = indent + "  "
            let lines = members.map { "\(inner)\(Self.quoted($0.name)): \($0.value.text(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    /// A JSON string, which is a YAML string as well.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}", "\u{feff}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSONValue {
    /// The value as a YAML document in block style, members in their order, with a newline at its end.
    ///
    /// It has quotes only where a text would be read as something else, by readers of YAML 1.2 or of YAML 1.1.
    public func yaml() -> String {
        lines().joined(separator: "\n") + "\n"
    }

    /// Values as the documents of one YAML stream.
    public static func yaml(documents: [JSONValue]) -> String {
        documents.map { $0.yaml() }.joined(separator: "---\n")
    }

    /// The lines of the value when nothing stands before it.
    private func lines() -> [String] {
        switch self {
        case .null: ["null"]
        case .bool(let bool): ["\(bool)"]
        case .number(let digits): [Self.yamlNumber(digits)]
        case .string(let text): Self.literal(text) ?? [Self.yamlText(text)]
        case .array(let items):
            items.isEmpty ? ["[]"] : items.flatMap { Self.nested($0.lines(), behind: "- ") }
        case .object(let members):
            members.isEmpty ? ["{}"] : members.flatMap { Self.lines(of: $0) }
        }
    }

    private var isBlock: Bool {
        switch self {
        case .array(let items): !items.isEmpty
        case .object(let members): !members.isEmpty
        default: false
        }
    }

    private static func lines(of member: Member) -> [String] {
        let name = yamlText(member.name)
        let value = member.value.lines()
        // A reader need not look further than 1024 characters for the colon of a key (YAML 1.2.2, section 7.4).
        guard name.utf8.count <= 512 else { return ["? \(name)"] + nested(value, behind: ": ") }
        guard member.value.isBlock else { return ["\(name): \(value[0])"] + value.dropFirst() }
        return ["\(name):"] + value.map { $0.isEmpty ? "" : "  \($0)" }
    }

    /// Lines of which the first stands behind two characters, and the others as far in.
    private static func nested(_ lines: [String], behind start: String) -> [String] {
        lines.enumerated().map { index, line in
            index == 0 ? start + line : line.isEmpty ? "" : "  " + line
        }
    }

    /// A number that readers of YAML 1.1 take for one too: there an exponent has a sign and a point before it.
    private static func yamlNumber(_ digits: String) -> String {
        let parts = digits.split(maxSplits: 1) { $0 == "e" || $0 == "E" }
        guard parts.count == 2 else { return digits }
        let mantissa = parts[0].contains(".") ? "\(parts[0])" : "\(parts[0]).0"
        let sign = parts[1].hasPrefix("+") || parts[1].hasPrefix("-") ? "" : "+"
        return "\(mantissa)e\(sign)\(parts[1])"
    }

    private static func yamlText(_ text: String) -> String {
        guard !CoreSchema.isPlain(text) else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where CoreSchema.isPrintable(scalar): quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return quoted + "\""
    }

    /// A text of several lines as such; nil where quotes are safer, because spaces at an end would be lost or counted.
    private static func literal(_ text: String) -> [String]? {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, let first = lines.first?.first, first != " " else { return nil }
        let isClosed = lines.last?.isEmpty == true
        if isClosed { lines.removeLast() }
        guard lines.last?.isEmpty == false else { return nil }
        guard lines.allSatisfy({ $0.last != " " && $0.allSatisfy(CoreSchema.isPrintable) }) else { return nil }
        return [isClosed ? "|" : "|-"] + lines.map { $0.isEmpty ? "" : "  " + String($0) }
    }
}

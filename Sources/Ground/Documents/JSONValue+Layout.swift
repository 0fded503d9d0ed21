extension JSONValue {
    /// The text in JSON for people: a member and an element a line, in their order, each depth further in.
    public func laidOutJSON(indent: String = "  ") -> String {
        var text = ""
        write(into: &text, depth: 0, indent)
        return text
    }

    private func write(into text: inout String, depth: Int, _ indent: String) {
        switch self {
        case .array(let items) where !items.isEmpty:
            Self.block("[", items, "]", into: &text, depth: depth, indent) { item, text in
                item.write(into: &text, depth: depth + 1, indent)
            }
        case .object(let members) where !members.isEmpty:
            Self.block("{", members, "}", into: &text, depth: depth, indent) { member, text in
                text += String(decoding: JSONValue.string(member.name).json(), as: UTF8.self) + ": "
                member.value.write(into: &text, depth: depth + 1, indent)
            }
        default: text += String(decoding: json(), as: UTF8.self)
        }
    }

    private static func block<Item>(
        _ open: String,
        _ items: [Item],
        _ close: String,
        into text: inout String,
        depth: Int,
        _ indent: String,
        _ write: (Item, inout String) -> Void
    ) {
        text += open
        for (index, item) in items.enumerated() {
            text += (index == 0 ? "\n" : ",\n") + String(repeating: indent, count: depth + 1)
            write(item, &text)
        }
        text += "\n" + String(repeating: indent, count: depth) + close
    }
}

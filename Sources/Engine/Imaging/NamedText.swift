import OCI

/// A text under a name: a label, an annotation, a variable of the environment.
public struct NamedText: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The text.
    public var value: String

    /// Puts a text under a name.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Reads `name=value`; nil without an equals sign or without a name.
    public init?(assignment text: some StringProtocol) {
        let text = String(text)
        guard let sign = text.utf8.firstIndex(of: UInt8(ascii: "=")), sign > text.startIndex else { return nil }
        self.init(String(text[..<sign]), String(text[text.utf8.index(after: sign)...]))
    }

    /// Two are one when their bytes are.
    public static func == (left: NamedText, right: NamedText) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8) && left.value.utf8.elementsEqual(right.value.utf8)
    }

    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(byte) }
        hasher.combine(0 as UInt8)
        for byte in value.utf8 { hasher.combine(byte) }
    }
}

/// Texts to be assigned and names to be taken away, among named texts.
public struct TextChanges: Hashable, Sendable {
    /// What is assigned, in this order; the last of one name counts.
    public var assigned: [NamedText]
    /// Names that are taken away, before anything is assigned.
    public var removed: [String]

    /// Names what is to change; nothing by default.
    public init(assigned: [NamedText] = [], removed: [String] = []) {
        self.assigned = assigned
        self.removed = removed
    }

    /// Whether nothing changes.
    public var isEmpty: Bool { assigned.isEmpty && removed.isEmpty }

    /// The texts as they are afterwards: what was there keeps its place, what is new follows.
    public func applied(to texts: [NamedText]) -> [NamedText] {
        let gone = Set(removed.map { Array($0.utf8) })
        var texts = texts.filter { !gone.contains(Array($0.name.utf8)) }
        var places = Dictionary(texts.enumerated().map { (Array($1.name.utf8), $0) }) { first, _ in first }
        for new in assigned {
            if let place = places[Array(new.name.utf8)] {
                texts[place] = new
            } else {
                places[Array(new.name.utf8)] = texts.count
                texts.append(new)
            }
        }
        return texts
    }
}

extension Annotations {
    /// The annotations as named texts, in their order.
    public var texts: [NamedText] {
        map { NamedText($0.name, $0.value) }
    }
}

/// Annotations of a manifest or descriptor: names with texts, ordered by the bytes of the names, none twice.
///
/// Not a dictionary: String compares and hashes by canonical equivalence, which takes quadratic time for a long run of
/// combining marks, and the names are a client's. Here texts are one when their bytes are.
public struct Annotations: Hashable, Sendable {
    /// One annotation.
    public struct Element: Hashable, Sendable {
        /// The name, such as `org.opencontainers.image.created`.
        public var name: String
        /// The text.
        public var value: String

        /// Two are one when their bytes are.
        public static func == (left: Element, right: Element) -> Bool {
            left.name.utf8.elementsEqual(right.name.utf8) && left.value.utf8.elementsEqual(right.value.utf8)
        }

        /// Feeds the bytes.
        public func hash(into hasher: inout Hasher) {
            for byte in name.utf8 { hasher.combine(byte) }
            hasher.combine(0 as UInt8)
            for byte in value.utf8 { hasher.combine(byte) }
        }
    }

    private var elements: [Element] = []

    /// Takes pairs in the order of their names, of which no two are the same.
    init(ordered pairs: [(name: String, value: String)]) {
        elements = pairs.map { Element(name: $0.name, value: $0.value) }
    }
}

extension Annotations: RandomAccessCollection {
    /// The first position.
    public var startIndex: Int { elements.startIndex }
    /// The position behind the last.
    public var endIndex: Int { elements.endIndex }

    /// The annotation at a position.
    public subscript(position: Int) -> Element {
        elements[position]
    }
}

extension Annotations: ExpressibleByDictionaryLiteral {
    /// Writes annotations down; of two with one name the last counts.
    public init(dictionaryLiteral pairs: (String, String)...) {
        self.init(pairs: pairs)
    }

    /// Takes annotations in any order; of two with one name the last counts.
    public init(pairs: [(String, String)]) {
        let distinct = Dictionary(pairs.map { (Array($0.0.utf8), $0) }) { _, last in last }
        self.init(ordered: distinct.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { $0.value })
    }
}

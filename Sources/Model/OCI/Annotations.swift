/// Annotations of a manifest or descriptor: names with texts, ordered by the bytes of the names, none twice.
///
/// Not a dictionary: String hashes by canonical equivalence, which takes quadratic time for a long run of combining
/// marks, and the names are a client's.
public struct Annotations: Hashable, Sendable {
    /// One annotation.
    public struct Element: Hashable, Sendable {
        /// The name, such as `org.opencontainers.image.created`.
        public var name: String
        /// The text.
        public var value: String
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
        let distinct = Dictionary(pairs) { _, last in last }
        self.init(
            ordered: distinct.map { ($0.key, $0.value) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        )
    }
}

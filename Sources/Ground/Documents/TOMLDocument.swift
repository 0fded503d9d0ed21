/// A document of a TOML text (TOML 1.0.0), as JSON that remembers on which line each key stands.
///
/// The order of keys is kept: in containerd's hosts.toml the order of tables is the order in which mirrors are asked.
/// Dates, times, `inf` and `nan`, which JSON has not, are texts.
public struct TOMLDocument: Sendable {
    /// The largest text that is read, in bytes.
    public static let byteCountMax = 4 << 20

    /// Why a text is not TOML, and where: line and column, counted from 1 in characters of Unicode.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// The line.
        public let line: Int
        /// The column.
        public let column: Int
        /// A sentence without the place.
        public let sentence: String

        /// The place and the sentence.
        public var description: String { "line \(line), column \(column): \(sentence)" }
    }

    /// A step from a value into it.
    public enum Step: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// To what stands under a key.
        case key(String)
        /// To a table of an array of tables, counted from 0.
        case index(Int)

        /// To what stands under a key.
        public init(stringLiteral value: String) { self = .key(value) }
        /// To a table of an array of tables.
        public init(integerLiteral value: Int) { self = .index(value) }
    }

    /// All of it, an object.
    public let root: JSONValue
    /// The line of every key, and of every table in an array of tables.
    private let lines: [[Step]: Int]

    /// Reads a text strictly: no key twice, at most ``JSONValue/depthMax`` levels.
    public init(_ bytes: some Sequence<UInt8>) throws(Problem) {
        var reader = TOMLReader(bytes: Array(bytes))
        try reader.readDocument()
        (root, lines) = reader.result()
    }

    /// The line on which a key or a table of an array begins; nil for what is not there or stands in braces.
    public func line(of path: [Step]) -> Int? { lines[path] }
}

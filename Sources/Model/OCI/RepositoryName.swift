/// The name of a repository: path components separated by `/` (distribution specification, "Pulling manifests").
///
/// Grammar: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`, at most 255 bytes.
public struct RepositoryName: Hashable, Sendable {
    /// The longest name, in bytes: clients limit host and name together to 255 characters.
    public static let byteCountMax = 255

    /// Why a text is not a repository name.
    public enum ParseError: Error, Hashable, Sendable {
        /// No bytes at all.
        case empty
        /// Longer than ``RepositoryName/byteCountMax``.
        case tooLong
        /// A path component is empty or outside the grammar.
        case component(String)
    }

    /// The whole name.
    public let description: String

    /// Reads a name.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.byteCountMax else { throw .tooLong }
        if let failure = Self.offsetOfFailure(text.utf8) { throw .component(Self.component(of: text, at: failure)) }
        description = text
    }

    /// The path components, at least one.
    public var components: [Substring] {
        description.split(separator: "/")
    }

    /// Where in the grammar a name is: what was read last.
    private enum Position {
        case start, alphanumeric, dot, underscore, underscores, dashes
    }

    /// The offset of the first byte that the grammar does not have there, or of the end; nil for a name.
    private static func offsetOfFailure(_ bytes: String.UTF8View) -> Int? {
        var position = Position.start
        var offset = 0
        for byte in bytes {
            switch (position, byte) {
            case (_, _) where ASCII.isLowerAlphanumeric(byte): position = .alphanumeric
            case (.alphanumeric, ASCII.slash): position = .start
            case (.alphanumeric, ASCII.dot): position = .dot
            case (.alphanumeric, ASCII.underscore): position = .underscore
            case (.underscore, ASCII.underscore): position = .underscores
            case (.alphanumeric, ASCII.dash), (.dashes, ASCII.dash): position = .dashes
            default: return offset
            }
            offset += 1
        }
        return position == .alphanumeric ? nil : offset
    }

    private static func component(of text: String, at offset: Int) -> String {
        let bytes = Array(text.utf8)
        let start = bytes[..<offset].lastIndex(of: ASCII.slash).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start...].prefix { $0 != ASCII.slash }, as: UTF8.self)
    }
}

extension RepositoryName: CustomStringConvertible {}

extension RepositoryName: Comparable {
    /// Bytewise order, as every list of names is sorted.
    public static func < (left: RepositoryName, right: RepositoryName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

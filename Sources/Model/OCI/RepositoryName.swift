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
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.byteCountMax else { throw .tooLong }
        var start = text.utf8.startIndex
        while true {
            let rest = text.utf8[start...]
            let end = rest.firstIndex(of: ASCII.slash) ?? rest.endIndex
            guard Self.isComponent(rest[..<end]) else { throw .component(String(text[start..<end])) }
            guard end != rest.endIndex else { break }
            start = text.utf8.index(after: end)
        }
        description = String(text)
    }

    /// The path components, at least one.
    public var components: [Substring] {
        description.split(separator: "/")
    }

    private static func isComponent(_ bytes: some Collection<UInt8>) -> Bool {
        var separator: [UInt8] = []
        var seenLetter = false
        for byte in bytes {
            if ASCII.isLowerAlphanumeric(byte) {
                guard separator.isEmpty || (seenLetter && isSeparator(separator)) else { return false }
                separator = []
                seenLetter = true
            } else {
                separator.append(byte)
            }
        }
        return seenLetter && separator.isEmpty
    }

    /// `.`, `_`, `__`, or any number of `-`.
    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        switch bytes {
        case [ASCII.dot], [ASCII.underscore], [ASCII.underscore, ASCII.underscore]: true
        default: bytes.allSatisfy { $0 == ASCII.dash }
        }
    }
}

extension RepositoryName: CustomStringConvertible {}

extension RepositoryName: Comparable {
    /// Bytewise order, as every list of names is sorted.
    public static func < (left: RepositoryName, right: RepositoryName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// A pattern for names whose components are separated by `/`.
///
/// - `*` stands for any bytes within a component, `?` for one.
/// - `**` stands for whole components: one or more at the end (`team/**` is all below `team`, and not `team`), none or
///   more elsewhere (`a/**/b` is `a/b`, `a/x/b`, and so on).
/// - A lone `*` is every name, as the guides of other registries have it.
/// - Everything else stands for itself. Names are compared byte by byte.
///
/// Matching takes at most a step for each byte of the name and of the pattern: no pattern makes it go back.
public struct Glob: Hashable, Sendable {
    /// The longest pattern, in bytes.
    public static let byteCountMax = 512

    /// Why a text is not a pattern.
    public enum ParseError: Error, Hashable, Sendable {
        /// No bytes at all.
        case empty
        /// Longer than ``Glob/byteCountMax``.
        case tooLong
        /// A component is empty: the pattern begins or ends with `/`, or has two in a row.
        case emptyComponent
        /// `**` shares a component with something else, such as `a**`.
        case joinedDeepWildcard
        /// A byte that no name has: a space, a control character, or one outside ASCII.
        case strangeByte
    }

    /// One thing that a name must have; see ``GlobMatcher``.
    enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// One byte within a component.
        case one
        /// Any bytes within a component.
        case some
        /// The place before a `**/`, which may be skipped; always followed by `deepRest`.
        case deep
        /// Within what a `**/` stands for.
        case deepRest
        /// One byte, a separator or not.
        case any
        /// The rest of the name, however long.
        case rest
    }

    /// The pattern as it was written.
    public let description: String
    /// What every name that matches begins with: a list need not look elsewhere.
    public let literalPrefix: String
    let tokens: [Token]
    private let shape: Shape

    /// Reads a pattern.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        let tokens = try Self.tokens(of: text)
        let literal = tokens.prefix { if case .byte = $0 { true } else { false } }
        let bytes = literal.compactMap { token -> UInt8? in if case .byte(let byte) = token { byte } else { nil } }
        description = text
        literalPrefix = String(decoding: bytes, as: UTF8.self)
        self.tokens = Array(tokens.dropFirst(literal.count))
        shape = Shape(self.tokens)
    }

    /// Every name.
    public static let everything = Glob(description: "*", literalPrefix: "", tokens: [.any, .rest])

    /// Whether every name matches, however the pattern is written: `*`, `**`, `**/*`.
    public var isEverything: Bool {
        guard literalPrefix.isEmpty else { return false }
        let last = tokens.drop { $0 == .deep || $0 == .deepRest }
        return last.elementsEqual([.any, .rest]) || (last.count < tokens.count && last.elementsEqual([.some]))
    }

    /// The pattern that one name alone matches.
    public init(exactly name: some StringProtocol) throws(ParseError) {
        let text = String(name)
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }) else {
            throw .strangeByte
        }
        try self.init(text)
    }

    private init(description: String, literalPrefix: String, tokens: [Token]) {
        self.description = description
        self.literalPrefix = literalPrefix
        self.tokens = tokens
        shape = Shape(tokens)
    }

    /// Whether a name is one of those that the pattern stands for.
    public func matches(_ name: String) -> Bool {
        let prefix = literalPrefix.utf8
        guard name.utf8.starts(with: prefix) else { return false }
        switch shape {
        case .exact: return name.utf8.count == prefix.count
        case .beginning: return name.utf8.count > prefix.count
        case .other: return GlobMatcher.matches(tokens, name.utf8.dropFirst(prefix.count))
        }
    }

    /// What is told of a name without following its ways through the pattern.
    private enum Shape {
        /// One name alone.
        case exact
        /// Every name that is longer than its beginning.
        case beginning
        case other

        init(_ tokens: [Token]) {
            self = tokens.isEmpty ? .exact : tokens == [.any, .rest] ? .beginning : .other
        }
    }
}

extension Glob: CustomStringConvertible {}

// MARK: - Reading

extension Glob {
    private static let slash = UInt8(ascii: "/")

    private static func tokens(of text: String) throws(ParseError) -> [Token] {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= byteCountMax else { throw .tooLong }
        if text == "*" { return [.any, .rest] }
        let components = text.utf8.split(separator: slash, omittingEmptySubsequences: false)
        var tokens: [Token] = []
        for (index, component) in components.enumerated() {
            guard !component.isEmpty else { throw .emptyComponent }
            let isLast = index == components.count - 1
            if component.elementsEqual("**".utf8) {
                tokens += isLast ? [.any, .rest] : [.deep, .deepRest]
                continue
            }
            tokens += try Self.tokens(ofComponent: component)
            if !isLast { tokens.append(.byte(slash)) }
        }
        return tokens
    }

    private static func tokens(ofComponent component: Substring.UTF8View) throws(ParseError) -> [Token] {
        var tokens: [Token] = []
        for byte in component {
            switch byte {
            case UInt8(ascii: "*"):
                guard tokens.last != .some else { throw .joinedDeepWildcard }
                tokens.append(.some)
            case UInt8(ascii: "?"): tokens.append(.one)
            case 0x21...0x7E: tokens.append(.byte(byte))
            default: throw .strangeByte
            }
        }
        return tokens
    }
}

/// A regular expression for names: the whole of a name must match it.
///
/// - Letters, digits and other visible ASCII stand for themselves; `\` before a sign takes its meaning away.
/// - `.` is any byte, `\d` a digit, `\w` a letter, a digit or `_`; `\D` and `\W` are the others. `[a-z0-9_.-]` is one
///   of those, `[^…]` one of the others.
/// - `(…)` and `(?:…)` hold together, `|` stands between alternatives.
/// - `?`, `*`, `+`, `{3}`, `{2,}`, `{2,5}` say how often; a number is at most ``repeatMax``.
/// - `^` and `$` are the beginning and the end, and may be left out there.
///
/// There is nothing in it that would need to go back, so that matching takes at most a step for each byte of the name
/// and each part of the pattern, whoever wrote it (Thompson, "Regular Expression Search Algorithm", 1968).
public struct Pattern: Hashable, Sendable {
    /// The longest pattern, in bytes.
    public static let byteCountMax = 512
    /// The largest number of a repetition.
    public static let repeatMax = 256
    /// How deep groups may lie in each other.
    public static let nestingMax = 32
    /// The most parts that a pattern may have when its repetitions are written out.
    public static let partCountMax = 10_000

    /// Why a text is not a pattern; with the offset of the byte where that shows.
    public enum ParseError: Error, Hashable, Sendable {
        /// No bytes at all.
        case empty
        /// Longer than ``Pattern/byteCountMax``.
        case tooLong
        /// Repetitions in repetitions make more than ``Pattern/partCountMax`` parts.
        case tooLarge
        /// Groups lie in each other more than ``Pattern/nestingMax`` deep.
        case tooDeep
        /// A group or class is not closed, or closed and not opened.
        case unbalanced(Int)
        /// There is nothing before a `?`, `*`, `+` or `{`.
        case nothingToRepeat(Int)
        /// Braces with something else than one number, or two in order, none above ``Pattern/repeatMax``.
        case badRepetition(Int)
        /// A class without members, or with a range that goes backwards.
        case badClass(Int)
        /// What other dialects have and this has not: references back, looking ahead, named groups, other escapes.
        case unsupported(Int)
        /// A byte that no name has: a space, a control character, or one outside ASCII.
        case strangeByte(Int)
    }

    /// The pattern as it was written.
    public let description: String
    let program: [PatternStep]

    /// Reads a pattern.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.byteCountMax else { throw .tooLong }
        var parser = PatternParser(text)
        let node = try parser.whole()
        var compiler = PatternCompiler()
        program = try compiler.program(of: node)
        description = text
    }

    /// Whether the whole of a name matches.
    public func matches(_ name: String) -> Bool {
        PatternMatcher.matches(program, name.utf8)
    }

    /// Two are one when they were written alike.
    public static func == (left: Pattern, right: Pattern) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    /// Feeds the text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
    }
}

extension Pattern: CustomStringConvertible {}

extension Pattern.ParseError: CustomStringConvertible {
    /// A sentence part that follows the pattern.
    public var description: String {
        switch self {
        case .empty: "is empty"
        case .tooLong: "is longer than \(Pattern.byteCountMax) bytes"
        case .tooLarge: "repeats too much in what is repeated"
        case .tooDeep: "has groups more than \(Pattern.nestingMax) deep in each other"
        case .unbalanced(let at): "has a bracket without its other half at byte \(at)"
        case .nothingToRepeat(let at): "has nothing to repeat at byte \(at)"
        case .badRepetition(let at):
            "has braces at byte \(at) that are not {3}, {2,} or {2,5} with numbers up to \(Pattern.repeatMax)"
        case .badClass(let at): "has a class at byte \(at) that is empty or has a range that goes backwards"
        case .unsupported(let at): "has something at byte \(at) that patterns here do not have"
        case .strangeByte(let at): "has a byte at \(at) that no name has"
        }
    }
}

/// Some of the 128 bytes of ASCII.
struct ASCIISet: Hashable, Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { insert(byte) }
    }

    mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
    }

    mutating func insert(_ other: ASCIISet) {
        low |= other.low
        high |= other.high
    }

    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low & (1 << UInt64(byte)) != 0 : byte < 128 && high & (1 << UInt64(byte - 64)) != 0
    }

    var isEmpty: Bool { low == 0 && high == 0 }

    var inverted: ASCIISet {
        var other = self
        other.low = ~low
        other.high = ~high
        return other
    }

    static let digits = ASCIISet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    static let words: ASCIISet = {
        var set = digits
        set.insert(ASCIISet(UInt8(ascii: "a")...UInt8(ascii: "z")))
        set.insert(ASCIISet(UInt8(ascii: "A")...UInt8(ascii: "Z")))
        set.insert(UInt8(ascii: "_"))
        return set
    }()
}

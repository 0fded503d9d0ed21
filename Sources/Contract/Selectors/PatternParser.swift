/// What a pattern is made of.
indirect enum PatternNode: Sendable {
    case nothing
    case one(ASCIISet)
    case beginning
    case end
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// At least, and at most if there is a limit.
    case repeated(PatternNode, Int, Int?)
}

/// Reads a pattern from front to back.
struct PatternParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Reads all of it.
    mutating func whole() throws(Pattern.ParseError) -> PatternNode {
        for (offset, byte) in bytes.enumerated() where !(0x21...0x7E).contains(byte) { throw .strangeByte(offset) }
        let node = try alternatives()
        guard position == bytes.count else { throw .unbalanced(position) }
        return node
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    // MARK: Structure

    private mutating func alternatives() throws(Pattern.ParseError) -> PatternNode {
        var branches = [try sequence()]
        while take(UInt8(ascii: "|")) { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(Pattern.ParseError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            var node = try atom()
            while let (least, most) = try repetition() { node = .repeated(node, least, most) }
            nodes.append(node)
        }
        return nodes.isEmpty ? .nothing : .sequence(nodes)
    }

    private mutating func atom() throws(Pattern.ParseError) -> PatternNode {
        let start = position
        guard let byte = next else { throw .unbalanced(position) }
        position += 1
        switch byte {
        case UInt8(ascii: "("): return try group(from: start)
        case UInt8(ascii: "["): return .one(try members(from: start))
        case UInt8(ascii: "\\"): return .one(try escape(from: start))
        case UInt8(ascii: "."): return .one(ASCIISet().inverted)
        case UInt8(ascii: "^"): return .beginning
        case UInt8(ascii: "$"): return .end
        case UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "{"): throw .nothingToRepeat(start)
        case UInt8(ascii: "]"), UInt8(ascii: "}"): throw .unbalanced(start)
        default: return .one(ASCIISet([byte]))
        }
    }

    private mutating func group(from start: Int) throws(Pattern.ParseError) -> PatternNode {
        if take(UInt8(ascii: "?")), !take(UInt8(ascii: ":")) { throw .unsupported(start) }
        depth += 1
        guard depth <= Pattern.nestingMax else { throw .tooDeep }
        let node = try alternatives()
        guard take(UInt8(ascii: ")")) else { throw .unbalanced(start) }
        depth -= 1
        return node
    }

    // MARK: How often

    /// How often the last atom is to come, when that is said here.
    private mutating func repetition() throws(Pattern.ParseError) -> (Int, Int?)? {
        let start = position
        switch next {
        case UInt8(ascii: "?"): position += 1; return (0, 1)
        case UInt8(ascii: "*"): position += 1; return (0, nil)
        case UInt8(ascii: "+"): position += 1; return (1, nil)
        case UInt8(ascii: "{"): position += 1
        default: return nil
        }
        guard let least = number() else { throw .badRepetition(start) }
        var most: Int? = least
        if take(UInt8(ascii: ",")) { most = number() }
        guard take(UInt8(ascii: "}")), most ?? least >= least, max(least, most ?? 0) <= Pattern.repeatMax else {
            throw .badRepetition(start)
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte = next, ASCIISet.digits.contains(byte) {
            position += 1
            // More is refused by whoever asks, so that a long number need not be kept.
            value = min((value ?? 0) * 10 + Int(byte - 0x30), Pattern.repeatMax + 1)
        }
        return value
    }

    // MARK: Single bytes

    private mutating func escape(from start: Int) throws(Pattern.ParseError) -> ASCIISet {
        guard let byte = next else { throw .unbalanced(start) }
        position += 1
        switch byte {
        case UInt8(ascii: "d"): return .digits
        case UInt8(ascii: "D"): return ASCIISet.digits.inverted
        case UInt8(ascii: "w"): return .words
        case UInt8(ascii: "W"): return ASCIISet.words.inverted
        default:
            guard !ASCIISet.words.contains(byte) || byte == UInt8(ascii: "_") else { throw .unsupported(start) }
            return ASCIISet([byte])
        }
    }

    /// What stands between brackets, the first of which has been read.
    private mutating func members(from start: Int) throws(Pattern.ParseError) -> ASCIISet {
        var set = ASCIISet()
        let isInverted = take(UInt8(ascii: "^"))
        while let byte = next, byte != UInt8(ascii: "]") {
            position += 1
            var single: UInt8? = byte
            if byte == UInt8(ascii: "\\") {
                let escaped = next
                let meant = try escape(from: position - 1)
                single = escaped.flatMap { meant == ASCIISet([$0]) ? $0 : nil }
                set.insert(meant)
            }
            guard let first = single else { continue }
            set.insert(first)
            // A `-` at the end stands for itself.
            guard next == UInt8(ascii: "-"), position + 1 < bytes.count, bytes[position + 1] != UInt8(ascii: "]") else {
                continue
            }
            position += 1
            var last = bytes[position]
            position += 1
            if last == UInt8(ascii: "\\") {
                guard let escaped = next, try escape(from: position - 1) == ASCIISet([escaped]) else {
                    throw .badClass(start)
                }
                last = escaped
            }
            guard first <= last else { throw .badClass(start) }
            set.insert(ASCIISet(first...last))
        }
        guard take(UInt8(ascii: "]")) else { throw .unbalanced(start) }
        guard !set.isEmpty else { throw .badClass(start) }
        return isInverted ? set.inverted : set
    }
}

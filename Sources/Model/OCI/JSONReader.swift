/// Reads a JSON document (RFC 8259) from front to back: strictly, and in time linear in its length.
///
/// A manifest must not mean one thing to the registry and another to a client. What readers are known to take
/// differently is refused: a byte order mark, UTF-16, a comma behind the last element, a field that stands twice, a
/// field whose name differs from a known one only in case (Go's decoder takes it for that field).
///
/// Names are compared byte by byte and never become keys of a Swift dictionary: String compares and hashes by canonical
/// equivalence, which takes quadratic time for a long run of combining marks.
struct JSONReader {
    /// How deep arrays and objects may lie in each other.
    static let nestingMax = 100

    private enum Step {
        case field(ArraySlice<UInt8>)
        case index(Int)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var path: [Step] = []

    /// Begins to read a document, which must be UTF-8.
    init(_ bytes: [UInt8]) throws(Manifest.ParseError) {
        do { _ = try UTF8Span(validating: bytes.span) } catch { throw .notJSON("it is not UTF-8") }
        self.bytes = bytes
        skipSpace()
    }

    /// Nothing but white space may follow the value that was read.
    func end() throws(Manifest.ParseError) {
        guard position == bytes.count else { throw malformed }
    }

    // MARK: Objects and arrays

    /// Reads an object: the known fields by `read`, which must read the value; others are passed over.
    mutating func object<Field>(
        _ fields: JSONFields<Field>,
        _ read: (inout JSONReader, Field) throws(Manifest.ParseError) -> Void
    ) throws(Manifest.ParseError) {
        var seen: Set<Field> = []
        try members { reader, name throws(Manifest.ParseError) in
            guard let match = fields.match(name) else { return try reader.skip() }
            guard match.isExact else { throw reader.failure("differs from \(match.name) only in case") }
            guard seen.insert(match.field).inserted else { throw reader.failure("stands twice") }
            try read(&reader, match.field)
        }
    }

    /// Reads an object whose values are strings; they come in the bytewise order of the names.
    mutating func strings() throws(Manifest.ParseError) -> [(name: String, value: String)] {
        var pairs: [(name: ArraySlice<UInt8>, value: String)] = []
        try members { reader, name throws(Manifest.ParseError) in
            pairs.append((name, try reader.string()))
        }
        pairs.sort { $0.name.lexicographicallyPrecedes($1.name) }
        for (left, right) in zip(pairs, pairs.dropFirst()) where left.name == right.name {
            path.append(.field(left.name))
            throw failure("stands twice")
        }
        return pairs.map { (String(decoding: $0.name, as: UTF8.self), $0.value) }
    }

    /// Reads an array, each element by `read`.
    mutating func array<Element>(
        _ read: (inout JSONReader) throws(Manifest.ParseError) -> Element
    ) throws(Manifest.ParseError) -> [Element] {
        var elements: [Element] = []
        try open(UInt8(ascii: "["))
        if close(UInt8(ascii: "]")) { return elements }
        while true {
            path.append(.index(elements.count))
            elements.append(try read(&self))
            path.removeLast()
            if close(UInt8(ascii: "]")) { return elements }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func members(
        _ read: (inout JSONReader, ArraySlice<UInt8>) throws(Manifest.ParseError) -> Void
    ) throws(Manifest.ParseError) {
        try open(UInt8(ascii: "{"))
        if close(UInt8(ascii: "}")) { return }
        while true {
            guard peek == UInt8(ascii: "\"") else { throw malformed }
            let name = try text()
            try expect(UInt8(ascii: ":"))
            path.append(.field(name))
            try read(&self, name)
            path.removeLast()
            if close(UInt8(ascii: "}")) { return }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func open(_ bracket: UInt8) throws(Manifest.ParseError) {
        guard peek == bracket else { throw mistyped }
        guard path.count < Self.nestingMax else { throw .notJSON("it is nested too deeply") }
        position += 1
        skipSpace()
    }

    private mutating func close(_ bracket: UInt8) -> Bool {
        guard peek == bracket else { return false }
        position += 1
        skipSpace()
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Manifest.ParseError) {
        guard close(byte) else { throw malformed }
    }

    // MARK: Single values

    /// Reads `null`, if that is what stands here.
    mutating func null() throws(Manifest.ParseError) -> Bool {
        guard peek == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// Reads a string.
    mutating func string() throws(Manifest.ParseError) -> String {
        guard peek == UInt8(ascii: "\"") else { throw mistyped }
        return String(decoding: try text(), as: UTF8.self)
    }

    /// Reads a whole number, written without fraction and exponent: what Go's decoder takes for one.
    mutating func integer() throws(Manifest.ParseError) -> Int64 {
        guard let first = peek, first == UInt8(ascii: "-") || ASCII.isDigit(first) else { throw mistyped }
        let start = position
        try number()
        guard let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw failure("is not a whole number, or too large")
        }
        skipSpace()
        return value
    }

    /// Passes over any value.
    mutating func skip() throws(Manifest.ParseError) {
        switch peek {
        case UInt8(ascii: "{"): try members { reader, _ throws(Manifest.ParseError) in try reader.skip() }
        case UInt8(ascii: "["): _ = try array { reader throws(Manifest.ParseError) in try reader.skip() }
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default:
            try number()
            skipSpace()
        }
    }

    private mutating func literal(_ word: StaticString) throws(Manifest.ParseError) {
        guard bytes[position...].starts(with: word.description.utf8) else { throw malformed }
        position += word.utf8CodeUnitCount
        skipSpace()
    }

    /// Passes over a number: `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`.
    private mutating func number() throws(Manifest.ParseError) {
        if peek == UInt8(ascii: "-") { position += 1 }
        if peek == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if peek == ASCII.dot {
            position += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == ASCII.plus || peek == ASCII.dash { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(Manifest.ParseError) {
        let start = position
        while let byte = peek, ASCII.isDigit(byte) { position += 1 }
        guard position > start else { throw malformed }
    }

    // MARK: Text

    /// The bytes of the string that begins here, without quotes and escapes.
    private mutating func text() throws(Manifest.ParseError) -> ArraySlice<UInt8> {
        position += 1
        let start = position
        var unescaped: [UInt8]?
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                let end = position - 1
                skipSpace()
                return unescaped.map { $0[...] } ?? bytes[start..<end]
            case UInt8(ascii: "\\"):
                if unescaped == nil { unescaped = Array(bytes[start..<(position - 1)]) }
                unescaped?.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
            case 0..<0x20: throw malformed
            default: unescaped?.append(byte)
            }
        }
        throw malformed
    }

    private mutating func escape() throws(Manifest.ParseError) -> Unicode.Scalar {
        guard let byte = peek else { throw malformed }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar()
        default: throw malformed
        }
    }

    /// The code of a character, or two for a pair of surrogates.
    ///
    /// Half a pair is no text, and readers make different things of it.
    private mutating func escapedScalar() throws(Manifest.ParseError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xD800...0xDBFF).contains(unit), bytes[position...].starts(with: #"\u"#.utf8) else { throw malformed }
        position += 2
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second) else { throw malformed }
        let value = 0x10000 + ((unit - 0xD800) << 10 | (second - 0xDC00))
        guard let scalar = Unicode.Scalar(value) else { throw malformed }
        return scalar
    }

    private mutating func hexadecimal() throws(Manifest.ParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = ASCII.hexadecimalValue(byte) else { throw malformed }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private var peek: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    // MARK: Refusals

    private var malformed: Manifest.ParseError {
        .notJSON("there is no JSON at byte \(position)")
    }

    /// The value is of another type than it should be, if it is a value.
    private var mistyped: Manifest.ParseError {
        guard let byte = peek, "{[\"tfn-0123456789".utf8.contains(byte) else { return malformed }
        return path.isEmpty ? .notJSON("the document is not a JSON object") : failure("has the wrong type")
    }

    /// What is wrong with the value at the present path, `layers[2].digest`.
    ///
    /// The keys of annotations are the client's, so the length is bounded.
    private func failure(_ reason: String) -> Manifest.ParseError {
        let text = path.reduce(into: "") { text, step in
            switch step {
            case .index(let index): text += "[\(index)]"
            case .field(let name): text += (text.isEmpty ? "" : ".") + String(decoding: name.prefix(200), as: UTF8.self)
            }
        }
        return .field(String(decoding: text.utf8.prefix(200), as: UTF8.self), reason)
    }
}

extension JSONValue {
    /// Why bytes are not JSON.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// How many bytes stand before it.
        public let offset: Int
        /// A sentence without the place.
        public let sentence: String

        /// The place and the sentence.
        public var description: String { "byte \(offset): \(sentence)" }
    }

    /// Reads JSON strictly: one value, no member twice, at most ``depthMax`` deep.
    public init(json bytes: some Sequence<UInt8>) throws(Problem) {
        var reader = JSONText(bytes: Array(bytes))
        self = try reader.document()
    }
}

/// A reader of JSON, and how far it has come.
private struct JSONText {
    let bytes: [UInt8]
    var position = 0

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func problem(_ sentence: String) -> JSONValue.Problem {
        JSONValue.Problem(offset: position, sentence: sentence)
    }

    mutating func document() throws(JSONValue.Problem) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard next == nil else { throw problem("something follows the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONValue.Problem) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try items(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func members(depth: Int) throws(JSONValue.Problem) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        var names: Set<[UInt8]> = []
        try list(until: UInt8(ascii: "}"), depth: depth) { (reader) throws(JSONValue.Problem) in
            guard reader.next == UInt8(ascii: "\"") else { throw reader.problem("a name in quotes is missing") }
            let name = try reader.string()
            guard names.insert(Array(name.utf8)).inserted else { throw reader.problem("\"\(name)\" stands twice") }
            reader.skipSpace()
            guard reader.skip(UInt8(ascii: ":")) else { throw reader.problem("a colon is missing") }
            members.append(.init(name, try reader.value(depth: depth)))
        }
        return members
    }

    private mutating func items(depth: Int) throws(JSONValue.Problem) -> [JSONValue] {
        var items: [JSONValue] = []
        try list(until: UInt8(ascii: "]"), depth: depth) { (reader) throws(JSONValue.Problem) in
            items.append(try reader.value(depth: depth))
        }
        return items
    }

    private mutating func list(
        until end: UInt8,
        depth: Int,
        _ item: (inout JSONText) throws(JSONValue.Problem) -> Void
    ) throws(JSONValue.Problem) {
        guard depth <= JSONValue.depthMax else { throw problem("more than \(JSONValue.depthMax) levels") }
        position += 1
        skipSpace()
        guard !skip(end) else { return }
        repeat {
            skipSpace()
            try item(&self)
            skipSpace()
        } while skip(UInt8(ascii: ","))
        guard skip(end) else { throw problem("a comma or \(Unicode.Scalar(end)) is missing") }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONValue.Problem) -> JSONValue {
        let matches = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw problem("this is no value") }
        position += text.utf8CodeUnitCount
        return value
    }

    private mutating func digits() throws(JSONValue.Problem) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw problem("this is no value") }
    }

    private mutating func number() throws(JSONValue.Problem) -> String {
        let start = position
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func string() throws(JSONValue.Problem) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw problem("a control character must be escaped") }
            position += 1
            if byte == UInt8(ascii: "\\") { text += try escaped() } else { text.append(byte) }
        }
        guard skip(UInt8(ascii: "\"")) else { throw problem("a quote is not closed") }
        guard let string = String(validating: text, as: UTF8.self) else { throw problem("a text is not UTF-8") }
        return string
    }

    private static let escapes: [UInt8: UInt8] = [
        0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
    ]

    private mutating func escaped() throws(JSONValue.Problem) -> [UInt8] {
        guard let byte = next else { throw problem("a quote is not closed") }
        if let plain = Self.escapes[byte] {
            position += 1
            return [plain]
        }
        var code = try unit()
        if (0xd800..<0xdc00).contains(code), next == UInt8(ascii: "\\") {
            position += 1
            let low = try unit()
            guard (0xdc00..<0xe000).contains(low) else { throw problem("half of a character is missing") }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw problem("half of a character is missing") }
        return Array(String(Character(scalar)).utf8)
    }

    /// `u` and four hexadecimal digits.
    private mutating func unit() throws(JSONValue.Problem) -> UInt32 {
        let digits = bytes[position...].dropFirst().prefix(4)
        guard next == UInt8(ascii: "u"), digits.count == 4, digits.allSatisfy({ Character(.init($0)).isHexDigit }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw problem("there is no such escape") }
        position += 5
        return code
    }
}

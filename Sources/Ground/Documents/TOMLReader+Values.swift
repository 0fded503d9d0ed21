extension TOMLReader {
    /// A value; `depth` levels lie around it.
    mutating func readValue(depth: Int) throws(Problem) -> JSONValue {
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try readString())
        case UInt8(ascii: "["): return .array(try readItems(depth: depth))
        case UInt8(ascii: "{"): return try readInlineTable(depth: depth)
        default: return try readWord()
        }
    }

    private mutating func readItems(depth: Int) throws(Problem) -> [JSONValue] {
        let start = position
        guard depth < JSONValue.depthMax else { throw tooDeep(start) }
        position += 1
        var items: [JSONValue] = []
        while true {
            try skipLines()
            if skip(UInt8(ascii: "]")) { return items }
            guard next != nil else { throw problem("the array that begins here is not closed", at: start) }
            items.append(try readValue(depth: depth + 1))
            try skipLines()
            if !skip(UInt8(ascii: ",")), next != UInt8(ascii: "]") {
                throw problem("a comma or ] is missing in an array")
            }
        }
    }

    private mutating func skipLines() throws(Problem) {
        repeat {
            skipBlanks()
            try skipComment()
        } while skipNewline()
    }

    /// `{a = 1, b.c = 2}` on one line, without a comma at its end.
    private mutating func readInlineTable(depth: Int) throws(Problem) -> JSONValue {
        guard depth < JSONValue.depthMax else { throw tooDeep(position) }
        position += 1
        let table = TOMLTable(.dotted, line: 0)
        skipBlanks()
        guard !skip(UInt8(ascii: "}")) else { return .object([]) }
        repeat {
            skipBlanks()
            try readMember(into: table, depth: depth + 1)
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw problem("a comma or } is missing in an inline table") }
        var lines: [[TOMLDocument.Step]: Int] = [:]
        return table.value(at: [], &lines)
    }
}

// MARK: - Strings

extension TOMLReader {
    /// A text in one of the four kinds of quotes.
    mutating func readString() throws(Problem) -> String {
        let start = position
        let quote = next ?? 0
        let isBasic = quote == UInt8(ascii: "\"")
        let hasLines = bytes[position...].starts(with: [quote, quote, quote])
        position += hasLines ? 3 : 1
        if hasLines { _ = skipNewline() }
        var text: [UInt8] = []
        while let byte = next {
            if byte == quote {
                guard hasLines else {
                    position += 1
                    return String(decoding: text, as: UTF8.self)
                }
                let count = bytes[position...].prefix(5).prefix { $0 == quote }.count
                position += count
                // One or two quotes may stand before the three that close.
                text += [UInt8](repeating: quote, count: count < 3 ? count : count - 3)
                if count >= 3 { return String(decoding: text, as: UTF8.self) }
            } else if isBasic, byte == UInt8(ascii: "\\") {
                try readEscape(into: &text, hasLines: hasLines)
            } else if hasLines, skipNewline() {
                text.append(0x0a)
            } else {
                guard byte >= 0x20 && byte != 0x7f || byte == 0x09 else {
                    if byte == 0x0a || byte == 0x0d { break }
                    throw problem("a control character must be escaped")
                }
                text.append(byte)
                position += 1
            }
        }
        throw problem("the quote that begins here is not closed", at: start)
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0a, UInt8(ascii: "f"): 0x0c,
        UInt8(ascii: "r"): 0x0d, UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c,
    ]

    private mutating func readEscape(into text: inout [UInt8], hasLines: Bool) throws(Problem) {
        let start = position
        position += 1
        let letter = next
        if let letter, let plain = Self.escapes[letter] {
            position += 1
            text.append(plain)
            return
        }
        if letter == UInt8(ascii: "u") || letter == UInt8(ascii: "U") {
            position += 1
            let digits = bytes[position...].prefix(letter == UInt8(ascii: "u") ? 4 : 8)
            guard digits.count == (letter == UInt8(ascii: "u") ? 4 : 8),
                digits.allSatisfy({ Character(.init($0)).isHexDigit }),
                let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), let scalar = Unicode.Scalar(code)
            else { throw problem("there is no such character", at: start) }
            position += digits.count
            text += Array(String(Character(scalar)).utf8)
            return
        }
        // A backslash at the end of a line joins it with the next text, whatever white space lies between.
        if hasLines {
            skipBlanks()
            if skipNewline() {
                repeat { skipBlanks() } while skipNewline()
                return
            }
        }
        throw problem("there is no such escape", at: start)
    }
}

/// A reader of TOML, and how far it has come.
struct TOMLReader {
    typealias Problem = TOMLDocument.Problem

    let bytes: [UInt8]
    var position = 0
    private let root = TOMLTable(.header, line: 1)
    /// The table that a line with a key adds to, and how many levels it makes with those around it.
    private var current: TOMLTable
    private var currentDepth = 1
    private var lineCount = 0
    private var countedByteCount = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        current = root
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func problem(_ sentence: String, at offset: Int? = nil) -> Problem {
        let before = bytes.prefix(offset ?? position)
        let line = before.count { $0 == 0x0a } + 1
        let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        // The later bytes of a character are not counted.
        let column = before[start...].count { $0 & 0xc0 != 0x80 } + 1
        return Problem(line: line, column: column, sentence: sentence)
    }

    func result() -> (JSONValue, [[TOMLDocument.Step]: Int]) {
        var lines: [[TOMLDocument.Step]: Int] = [:]
        return (root.value(at: [], &lines), lines)
    }

    mutating func readDocument() throws(Problem) {
        guard bytes.count <= TOMLDocument.byteCountMax else { throw problem("the text is larger than 4 MiB", at: 0) }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw problem("the text is not UTF-8", at: 0) }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        while next != nil {
            skipBlanks()
            switch next {
            case UInt8(ascii: "["): try readHeader()
            case UInt8(ascii: "#"), 0x0a, 0x0d, nil: break
            default: try readMember(into: current, depth: currentDepth)
            }
            try endLine()
        }
    }

    /// The line that has been come to, counted from 1; counts only what was read since it was last asked for.
    mutating func line() -> Int {
        lineCount += bytes[countedByteCount..<position].count { $0 == 0x0a }
        countedByteCount = position
        return lineCount + 1
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    mutating func skipBlanks() {
        while next == 0x20 || next == 0x09 { position += 1 }
    }

    /// Skips a comment, where there is one, up to the end of its line.
    mutating func skipComment() throws(Problem) {
        guard next == UInt8(ascii: "#") else { return }
        while let byte = next, byte != 0x0a {
            if byte == 0x0d, position + 1 < bytes.count, bytes[position + 1] == 0x0a { return }
            guard byte >= 0x20 && byte != 0x7f || byte == 0x09 else {
                throw problem("a control character stands in a comment")
            }
            position += 1
        }
    }

    /// Skips one end of a line.
    mutating func skipNewline() -> Bool {
        if next == 0x0d, position + 1 < bytes.count, bytes[position + 1] == 0x0a {
            position += 2
            return true
        }
        return skip(0x0a)
    }

    private mutating func endLine() throws(Problem) {
        skipBlanks()
        try skipComment()
        guard next == nil || skipNewline() else { throw problem("something follows at the end of the line") }
    }
}

// MARK: - Tables and keys

extension TOMLReader {
    /// `[a.b]` or `[[a.b]]`.
    private mutating func readHeader() throws(Problem) {
        let start = position
        let line = line()
        position += 1
        let isArray = skip(UInt8(ascii: "["))
        skipBlanks()
        let path = try readKey()
        guard skip(UInt8(ascii: "]")), !isArray || skip(UInt8(ascii: "]")) else {
            throw problem(isArray ? "the heading is not closed by ]]" : "the heading is not closed by ]")
        }
        guard path.count < JSONValue.depthMax else { throw tooDeep(start) }
        var table = root
        // An array of tables is a level of its own.
        var depth = path.count + (isArray ? 2 : 1)
        for name in path.dropLast() {
            switch table[name] {
            case nil: table = table.add(name, TOMLTable(.implicit, line: line))
            case .table(let inner): table = inner
            case .tables(let list):
                table = list.tables.last ?? table
                depth += 1
            case .value: throw problem("\"\(name)\" is a value and can have no tables", at: start)
            }
        }
        let name = path.last ?? ""
        guard depth <= JSONValue.depthMax else { throw tooDeep(start) }
        currentDepth = depth
        if isArray {
            guard let added = table.append(name, TOMLTable(.header, line: line)) else {
                throw problem("\"\(name)\" is no array of tables", at: start)
            }
            current = added
            return
        }
        switch table[name] {
        case nil: current = table.add(name, TOMLTable(.header, line: line))
        case .table(let inner) where inner.origin == .implicit:
            inner.origin = .header
            inner.line = line
            current = inner
        default: throw problem("\"\(path.joined(separator: "."))\" stands twice", at: start)
        }
    }

    /// `a.b = value`.
    mutating func readMember(into table: TOMLTable, depth: Int) throws(Problem) {
        let start = position
        let line = line()
        let path = try readKey()
        let depth = depth + path.count - 1
        guard depth <= JSONValue.depthMax else { throw tooDeep(start) }
        guard skip(UInt8(ascii: "=")) else { throw problem("an equals sign is missing behind the key") }
        skipBlanks()
        var table = table
        for name in path.dropLast() {
            switch table[name] {
            case nil: table = table.add(name, TOMLTable(.dotted, line: line))
            case .table(let inner) where inner.origin != .header:
                inner.origin = .dotted
                table = inner
            default: throw problem("\"\(name)\" stands elsewhere and cannot be added to here", at: start)
            }
        }
        let name = path.last ?? ""
        guard table[name] == nil else { throw problem("\"\(name)\" stands twice", at: start) }
        let value = try readValue(depth: depth)
        table.set(name, value, line: line)
    }

    func tooDeep(_ start: Int) -> Problem {
        problem("more than \(JSONValue.depthMax) levels", at: start)
    }

    /// Names with dots between them, and the blanks behind them.
    private mutating func readKey() throws(Problem) -> [String] {
        var names: [String] = []
        repeat {
            skipBlanks()
            names.append(try readName())
            skipBlanks()
        } while skip(UInt8(ascii: "."))
        return names
    }

    private mutating func readName() throws(Problem) -> String {
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            guard !starts(with: "\"\"\""), !starts(with: "'''") else { throw problem("a key has one line") }
            return try readString()
        default:
            let start = position
            while let byte = next, Self.isBare(byte) { position += 1 }
            guard position > start else { throw problem("a key is missing") }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || byte == 0x2d || byte == 0x5f
    }
}

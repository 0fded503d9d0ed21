/// Swift source whose strings, regular expressions and, if wished, comments are replaced by spaces.
///
/// Line breaks stay where they are, so that line numbers and braces can be counted. Code inside `\( )` of a string
/// stays too: braces in it are balanced.
struct SwiftText {
    /// The text with spaces for what was taken out, a space for each byte.
    var blanked: String { String(decoding: output, as: UTF8.self) }

    private enum Region {
        /// Code; inside an interpolation it ends with the bracket that closes it.
        case code(openBrackets: Int)
        /// A string that began with so many `#` and so many quotes.
        case string(hashes: Int, quotes: Int)
        /// A regular expression between `#/` and `/#`.
        case regex
        case lineComment
        case blockComment
    }

    // Bytes and not characters: the whole project passes through here in each run of the tests.
    private let source: [UInt8]
    private let keepsComments: Bool
    private var output: [UInt8] = []
    private var position = 0
    private var regions: [Region] = [.code(openBrackets: 0)]

    init(_ text: String, keepsComments: Bool) {
        source = Array(text.utf8)
        self.keepsComments = keepsComments
        output.reserveCapacity(source.count)
        while position < source.count, let region = regions.last { step(in: region) }
    }

    private mutating func step(in region: Region) {
        switch region {
        case .code(let brackets): code(brackets)
        case .string(let hashes, let quotes): string(hashes, quotes)
        case .regex: text(until: "/#", shown: false)
        case .lineComment: text(until: "\n", shown: keepsComments)
        case .blockComment: text(until: "*/", shown: keepsComments)
        }
    }

    private mutating func code(_ brackets: Int) {
        if starts("//") { return enter(.lineComment, 2, shown: keepsComments) }
        if starts("/*") { return enter(.blockComment, 2, shown: keepsComments) }
        if starts("#/") { return enter(.regex, 2, shown: false) }
        let hashes = count(of: "#", from: position)
        let quotes = count(of: "\"", from: position + hashes)
        if quotes > 0 {
            let opening = quotes >= 3 ? 3 : 1
            return enter(.string(hashes: hashes, quotes: opening), hashes + opening, shown: false)
        }
        if source[position] == UInt8(ascii: "(") {
            regions[regions.count - 1] = .code(openBrackets: brackets + 1)
        } else if source[position] == UInt8(ascii: ")") {
            if brackets > 0 {
                regions[regions.count - 1] = .code(openBrackets: brackets - 1)
            } else if regions.count > 1 {
                regions.removeLast()
            }
        }
        take(1, shown: true)
    }

    private mutating func string(_ hashes: Int, _ quotes: Int) {
        if count(of: "\"", from: position) >= quotes, count(of: "#", from: position + quotes) >= hashes {
            take(quotes + hashes, shown: false)
            regions.removeLast()
        } else if source[position] == UInt8(ascii: "\\"), count(of: "#", from: position + 1) >= hashes {
            let next = position + 1 + hashes
            let isInterpolation = next < source.count && source[next] == UInt8(ascii: "(")
            take(1 + hashes, shown: false)
            take(1, shown: isInterpolation)
            if isInterpolation { regions.append(.code(openBrackets: 0)) }
        } else {
            take(1, shown: false)
        }
    }

    private mutating func text(until end: StaticString, shown: Bool) {
        if starts(end) {
            regions.removeLast()
            take(end.utf8CodeUnitCount, shown: shown)
        } else {
            take(1, shown: shown)
        }
    }

    private mutating func enter(_ region: Region, _ length: Int, shown: Bool) {
        regions.append(region)
        take(length, shown: shown)
    }

    private mutating func take(_ length: Int, shown: Bool) {
        for byte in source[position..<min(position + length, source.count)] {
            output.append(shown || byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
        }
        position += length
    }

    private func starts(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard position + length <= source.count else { return false }
        return (0..<length).allSatisfy { source[position + $0] == word.utf8Start[$0] }
    }

    /// How many times the character stands there in a row.
    private func count(of byte: Unicode.Scalar, from start: Int) -> Int {
        var end = start
        while end < source.count, source[end] == UInt8(ascii: byte) { end += 1 }
        return end - start
    }
}

/// What a text without quotes means in YAML: the core schema of YAML 1.2.2, section 10.3.
enum CoreSchema {
    /// The value of a text without quotes; nil for a number that JSON has none for.
    static func value(of text: String) -> JSONValue? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
            return nil
        default: break
        }
        guard let first = text.utf8.first, isDigit(first) || "+-.".utf8.contains(first) else { return .string(text) }
        if text.hasPrefix("0o") { return integer(text, radix: 8) }
        if text.hasPrefix("0x") { return integer(text, radix: 16) }
        return number(text).map { .number($0) } ?? .string(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func integer(_ text: String, radix: Int) -> JSONValue? {
        let digits = text.dropFirst(2)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ Character(.init($0)).hexDigitValue ?? 99 < radix }) else {
            return .string(text)
        }
        return UInt64(digits, radix: radix).map { .number("\($0)") }
    }

    /// The digits as JSON writes them; nil for what is no number.
    private static func number(_ text: String) -> String? {
        var rest = Array(text.utf8)[...]
        func take(_ isWanted: (UInt8) -> Bool) -> String {
            let taken = rest.prefix(while: isWanted)
            rest = rest.dropFirst(taken.count)
            return String(decoding: taken, as: UTF8.self)
        }
        var sign = ""
        if let first = rest.first, "+-".utf8.contains(first) {
            sign = first == UInt8(ascii: "-") ? "-" : ""
            rest = rest.dropFirst()
        }
        let whole = take(isDigit)
        let hasPoint = rest.first == UInt8(ascii: ".")
        if hasPoint { rest = rest.dropFirst() }
        let fraction = hasPoint ? take(isDigit) : ""
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var number = whole.drop { $0 == "0" } + (hasPoint ? "." + (fraction.isEmpty ? "0" : fraction) : "")
        if number.isEmpty || number.hasPrefix(".") { number = "0" + number }
        guard let mark = rest.first else { return sign + number }
        guard "eE".utf8.contains(mark) else { return nil }
        rest = rest.dropFirst()
        var exponentSign = ""
        if let first = rest.first, "+-".utf8.contains(first) {
            exponentSign = String(UnicodeScalar(first))
            rest = rest.dropFirst()
        }
        let exponent = take(isDigit)
        guard !exponent.isEmpty, rest.isEmpty else { return nil }
        return "\(sign)\(number)e\(exponentSign)\(exponent)"
    }

    // MARK: - Writing

    /// Whether a text without quotes is read as the same text, by readers of YAML 1.2 and of YAML 1.1.
    ///
    /// YAML 1.1 has more words (`yes`, `on`, `y`) and more numbers (`1:30`, `1_000`, `012`, dates): whatever looks like
    /// one gets quotes, since readers do not agree on them.
    static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        guard !"-?:,[]{}#&*!|>'\"%@`~= ".unicodeScalars.contains(first), last != " ", last != ":" else { return false }
        guard text.unicodeScalars.allSatisfy(isPrintable) else { return false }
        // At the beginning of a line these begin or end a document (YAML 1.2.2, section 9.1.4).
        guard !text.hasPrefix("---"), !text.hasPrefix("...") else { return false }
        guard !text.utf8.elementsEqual("<<".utf8), !words.contains(text.lowercased()), !looksLikeNumber(text) else {
            return false
        }
        return !zip(text.utf8, text.utf8.dropFirst()).contains { pair in
            pair == (UInt8(ascii: ":"), UInt8(ascii: " ")) || pair == (UInt8(ascii: " "), UInt8(ascii: "#"))
        }
    }

    private static let words: Set<String> = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "+.inf", ".nan",
    ]

    private static func looksLikeNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, isDigit(first) || "+.".utf8.contains(first) else { return false }
        return text.utf8.allSatisfy { isDigit($0) || "abcdefABCDEFxXoO_.:+-tTzZ ".utf8.contains($0) }
    }

    /// Whether all readers take the character as it is, within a line.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff: false
        default: true
        }
    }
}

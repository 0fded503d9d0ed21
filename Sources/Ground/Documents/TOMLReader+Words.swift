extension TOMLReader {
    /// A value without quotes: yes or no, a number, a date, a time.
    mutating func readWord() throws(Problem) -> JSONValue {
        let start = position
        while let byte = next, Self.isPartOfWord(byte) { position += 1 }
        // Between a date and a time there may be a blank.
        if position - start == 10, next == 0x20, position + 1 < bytes.count,
            Self.isDigit(bytes[position + 1]), Self.isDate(bytes[start..<position])
        {
            position += 1
            while let byte = next, Self.isPartOfWord(byte) { position += 1 }
        }
        let word = bytes[start..<position]
        let text = String(decoding: word, as: UTF8.self)
        switch text {
        case "": throw problem("a value is missing", at: start)
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "inf", "+inf", "-inf", "nan", "+nan", "-nan": return .string(text)
        default: break
        }
        if let number = try number(text, start) { return .number(number) }
        guard Self.isMoment(word) else {
            throw problem("\"\(text.prefix(40))\" is no value; a text needs quotes", at: start)
        }
        return .string(text)
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7a).contains(byte | 0x20) || [0x2b, 0x2d, 0x2e, 0x3a, 0x5f].contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// The digits of a number as JSON writes them; nil for what is no number.
    private func number(_ text: String, _ start: Int) throws(Problem) -> String? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            guard Self.hasDigits(digits, { $0.hexDigitValue.map { $0 < radix } ?? false }) else { return nil }
            guard let value = Int64(digits.filter { $0 != "_" }, radix: radix) else { throw tooLarge(start) }
            return "\(value)"
        }
        var rest = text[...]
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
        let whole = rest.prefix { $0.isNumber || $0 == "_" }
        rest = rest.dropFirst(whole.count)
        guard Self.isDecimal(whole), whole == "0" || !whole.hasPrefix("0") else { return nil }
        var digits = whole.filter { $0 != "_" }
        guard !rest.isEmpty else {
            guard let value = Int64((isNegative ? "-" : "") + digits) else { throw tooLarge(start) }
            return "\(value)"
        }
        if rest.hasPrefix(".") {
            let part = rest.dropFirst().prefix { $0.isNumber || $0 == "_" }
            guard Self.isDecimal(part) else { return nil }
            digits += "." + part.filter { $0 != "_" }
            rest = rest.dropFirst(part.count + 1)
        }
        if rest.hasPrefix("e") || rest.hasPrefix("E") {
            rest = rest.dropFirst()
            let sign = rest.hasPrefix("-") ? "-" : ""
            if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
            guard Self.isDecimal(rest) else { return nil }
            digits += "e" + sign + rest.filter { $0 != "_" }
            rest = ""
        }
        return rest.isEmpty ? (isNegative ? "-" : "") + digits : nil
    }

    private func tooLarge(_ start: Int) -> Problem { problem("the number has more than 64 bits", at: start) }

    private static func isDecimal(_ digits: Substring) -> Bool {
        hasDigits(digits) { ("0"..."9").contains($0) }
    }

    /// Whether there are digits, and each underscore stands between two of them.
    private static func hasDigits(_ text: Substring, _ isDigit: (Character) -> Bool) -> Bool {
        text.split(separator: "_", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.allSatisfy(isDigit)
        }
    }

    /// A date, a time, or both and perhaps an offset (RFC 3339).
    private static func isMoment(_ word: ArraySlice<UInt8>) -> Bool {
        guard isDate(word.prefix(10)) else { return isTime(word) }
        let rest = word.dropFirst(10)
        guard let separator = rest.first else { return true }
        guard [0x20, UInt8(ascii: "T"), UInt8(ascii: "t")].contains(separator) else { return false }
        let time = rest.dropFirst()
        if let last = time.last, last | 0x20 == UInt8(ascii: "z") { return isTime(time.dropLast()) }
        let offset = time.suffix(6)
        if time.count > 6, let sign = offset.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            return isTime(time.dropLast(6)) && numbers(offset.dropFirst(), "##:##", maxima: [23, 59]) != nil
        }
        return isTime(time)
    }

    private static func isDate(_ word: ArraySlice<UInt8>) -> Bool {
        guard let parts = numbers(word, "####-##-##", maxima: [9999, 12, 31]) else { return false }
        let isLeap = parts[0] % 4 == 0 && (parts[0] % 100 != 0 || parts[0] % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return parts[1] >= 1 && parts[2] >= 1 && parts[2] <= days[parts[1] - 1]
    }

    private static func isTime(_ word: ArraySlice<UInt8>) -> Bool {
        guard numbers(word.prefix(8), "##:##:##", maxima: [23, 59, 60]) != nil else { return false }
        let rest = word.dropFirst(8)
        guard let point = rest.first else { return true }
        return point == UInt8(ascii: ".") && rest.count > 1 && rest.dropFirst().allSatisfy(isDigit)
    }

    /// The numbers of a text of that form, where none is larger than it may be.
    private static func numbers(_ word: ArraySlice<UInt8>, _ form: String, maxima: [Int]) -> [Int]? {
        guard word.count == form.utf8.count else { return nil }
        var numbers = [0]
        for (byte, place) in zip(word, form.utf8) {
            if place == UInt8(ascii: "#") {
                guard isDigit(byte) else { return nil }
                numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(byte - 0x30)
            } else {
                guard byte == place else { return nil }
                numbers.append(0)
            }
        }
        return zip(numbers, maxima).allSatisfy { $0 <= $1 } ? numbers : nil
    }
}

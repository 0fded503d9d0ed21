import Documents

extension FuzzTarget {
    /// What is accepted is a value that reads the same from the YAML and the JSON that it is written as, and a problem
    /// stands on a line of the text.
    ///
    /// It is how the file of `wharf sync` is read, and every declaration.
    static func checkYAML(_ bytes: [UInt8]) throws(Violation) {
        let lineCount = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 1
        let documents: [YAMLDocument]
        do throws(YAMLDocument.Problem) {
            documents = try YAMLDocument.read(bytes, named: "file")
        } catch {
            // Other signs end a line too, U+2028 for one, and the end of the text may lie behind the last.
            guard let place = error.place else { return }
            let most = lineCount + bytes.count { $0 >= 0x80 } + 1
            try require((1...most).contains(place.line) && place.column >= 1, "the problem is in the text: \(place)")
            return
        }
        for document in documents {
            guard let value = try? document.value() else { continue }
            let isSame = (try? JSONValue(json: value.json())) == value
            try require(isSame, "\(value) reads as it was written in JSON")
            let again = try? YAMLDocument.read(Array(value.yaml().utf8), named: "again").first?.value()
            // An empty document is passed over.
            try require((again ?? .null).withoutNumbers == value.withoutNumbers, "\(value) reads as it was written")
        }
    }
}

extension JSONValue {
    /// Without what may be written in several ways: a number's exponent.
    fileprivate var withoutNumbers: JSONValue {
        switch self {
        case .number(let digits): .number(digits.contains { "eE".contains($0) } ? "" : digits)
        case .array(let items): .array(items.map(\.withoutNumbers))
        case .object(let members): .object(members.map { Member($0.name, $0.value.withoutNumbers) })
        case .null, .bool, .string: self
        }
    }
}

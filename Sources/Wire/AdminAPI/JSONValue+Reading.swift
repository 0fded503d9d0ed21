import Documents

extension JSONValue {
    /// Reads a document strictly, in a time that grows with its length alone.
    ///
    /// `JSONDecoder` takes a second for 500 lists within each other, and lets a key stand twice: what it reads later
    /// was found here to be of a known shape.
    static func read(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONValue(Documents.JSONValue(json: bytes))
    }

    private init(_ value: Documents.JSONValue) throws {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .string(let value): self = .text(value)
        case .array(let values): self = .list(try values.map { try JSONValue($0) })
        case .number(let digits):
            guard digits.utf8.count <= Self.digitCountMax else { throw Unreadable() }
            if let value = Int64(digits) {
                self = .integer(value)
            } else if let value = Double(digits), value.isFinite {
                // To JSON Schema 1.0 is a whole number too.
                self = Int64(exactly: value).map(JSONValue.integer) ?? .number(value)
            } else {
                throw Unreadable()
            }
        case .object(let members):
            var values: [String: JSONValue] = [:]
            for member in members {
                guard member.name.utf8.count <= Self.keyByteCountMax,
                    values.updateValue(try JSONValue(member.value), forKey: member.name) == nil
                else { throw Unreadable() }
            }
            self = .object(values)
        }
    }

    /// The longest number, in characters.
    private static let digitCountMax = 100
    /// The longest key, in bytes: String compares by canonical equivalence, whose time grows with the square of the
    /// length of a run of combining marks.
    private static let keyByteCountMax = 512

    /// A number that no value has, a key that is too long, or one that is another's by canonical equivalence.
    private struct Unreadable: Error {}
}

/// The names of the fields that are read of an object; each case's raw value is one.
struct JSONFields<Field: Hashable & CaseIterable & RawRepresentable & Sendable>: Sendable
where Field.RawValue == String {
    /// A known field that a name stands for.
    struct Match {
        var field: Field
        var name: String
        /// False when the name differs in case.
        var isExact: Bool
    }

    /// No known name is so long, even if a letter took three bytes.
    private static var nameByteCountMax: Int { 64 }

    private let known: [(field: Field, name: [UInt8], folded: [UInt8])] = Field.allCases.map { field in
        let name = Array(field.rawValue.utf8)
        return (field, name, Self.folded(name[...]))
    }

    /// The field of that name, or whose name is the same but for case; nil for others.
    func match(_ name: ArraySlice<UInt8>) -> Match? {
        if let exact = known.first(where: { $0.name.count == name.count && $0.name.elementsEqual(name) }) {
            return Match(field: exact.field, name: exact.field.rawValue, isExact: true)
        }
        guard name.count <= Self.nameByteCountMax else { return nil }
        let folded = Self.folded(name)
        return known.first { $0.folded == folded }.map {
            Match(field: $0.field, name: $0.field.rawValue, isExact: false)
        }
    }

    /// In lower case as Go's encoding/json folds: besides ASCII, U+017F is an s and U+212A a k.
    private static func folded(_ name: ArraySlice<UInt8>) -> [UInt8] {
        String(decoding: name, as: UTF8.self).unicodeScalars.flatMap { scalar -> [UInt8] in
            switch scalar {
            case "\u{17F}": [UInt8(ascii: "s")]
            case "\u{212A}": [UInt8(ascii: "k")]
            case "A"..."Z": [UInt8(truncatingIfNeeded: scalar.value) | 0x20]
            default: Array(String(scalar).utf8)
            }
        }
    }
}

/// A value in a row or an argument.
public enum SQLValue: Hashable, Sendable {
    /// No value.
    case null
    /// A whole number of 64 bits.
    case integer(Int64)
    /// Text in UTF-8.
    case text(String)
    /// Bytes.
    case blob([UInt8])
}

extension SQLValue {
    /// Text, or no value.
    static func optional(_ text: String?) -> SQLValue {
        text.map(SQLValue.text) ?? .null
    }

    /// A moment, or no value.
    static func optional(_ moment: Timestamp?) -> SQLValue {
        moment.map { .integer($0.microseconds) } ?? .null
    }

    /// Bytes, or no value.
    static func optional(_ bytes: [UInt8]?) -> SQLValue {
        bytes.map(SQLValue.blob) ?? .null
    }
}

/// A type that a configuration value can have: read from a text, written back as the same text.
///
/// One text form serves the file, the environment and the flags, so that a value can be moved between them as it is.
protocol SettingValue: Sendable, Equatable {
    /// What stands for the value in the help, such as `HOST:PORT`.
    static var placeholder: String { get }
    /// What a text must be, to end the sentence "it must be …".
    static var expected: String { get }
    /// What JSON Schema says of the value in a file.
    static var schema: [JSONText.Member] { get }
    /// Whether no one may see the value.
    static var isSecret: Bool { get }

    init?(settingText: String)

    /// The value as it can be read again.
    var settingText: String { get }
    /// The value as it stands in a file; nil when the key is left out there.
    var json: JSONText? { get }
}

extension SettingValue {
    static var schema: [JSONText.Member] { [("type", "string")] }
    static var isSecret: Bool { false }
    var json: JSONText? { .string(settingText) }
}

extension String: SettingValue {
    static let placeholder = "TEXT"
    static let expected = "a text"

    init?(settingText: String) { self = settingText }

    var settingText: String { self }
}

extension Int: SettingValue {
    static let placeholder = "NUMBER"
    static let expected = "a whole number"
    static let schema: [JSONText.Member] = [("type", "integer")]

    init?(settingText: String) { self.init(settingText) }

    var settingText: String { "\(self)" }
    var json: JSONText? { .number(self) }
}

extension Bool: SettingValue {
    static let placeholder = "true|false"
    static let expected = "true or false"
    static let schema: [JSONText.Member] = [("type", "boolean")]

    init?(settingText: String) { self.init(settingText) }

    var settingText: String { "\(self)" }
    var json: JSONText? { .bool(self) }
}

/// What may be left out; an empty text says that it is.
extension Optional: SettingValue where Wrapped: SettingValue {
    static var placeholder: String { Wrapped.placeholder }
    static var expected: String { Wrapped.expected }
    static var schema: [JSONText.Member] { Wrapped.schema }
    static var isSecret: Bool { Wrapped.isSecret }

    init?(settingText: String) {
        if settingText.isEmpty {
            self = Wrapped?.none
        } else if let value = Wrapped(settingText: settingText) {
            self = Wrapped?.some(value)
        } else {
            return nil
        }
    }

    var settingText: String { self?.settingText ?? "" }
    var json: JSONText? { self?.json }
}

/// A list: in a file a YAML list, elsewhere its items with commas between them.
extension Array: SettingValue where Element: SettingValue {
    static var placeholder: String { "\(Element.placeholder),…" }
    static var expected: String { "a list, each item \(Element.expected)" }
    static var schema: [JSONText.Member] { [("type", "array"), ("items", .object(Element.schema))] }

    init?(settingText: String) {
        self = []
        for item in settingText.split(separator: ",") {
            guard let value = Element(settingText: item.trimmed) else { return nil }
            append(value)
        }
    }

    var settingText: String { map(\.settingText).joined(separator: ",") }
    var json: JSONText? { .array(map { .string($0.settingText) }) }
}

/// A choice among words.
protocol SettingChoice: SettingValue, CaseIterable, RawRepresentable where RawValue == String {}

extension SettingChoice {
    static var placeholder: String { allCases.map(\.rawValue).joined(separator: "|") }
    static var expected: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
    static var schema: [JSONText.Member] {
        [("type", "string"), ("enum", .array(allCases.map { .string($0.rawValue) }))]
    }

    init?(settingText: String) { self.init(rawValue: settingText) }

    var settingText: String { rawValue }
}

extension Substring {
    /// Without the spaces and tabs at both ends.
    var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(start[...$0]) } ?? ""
    }
}

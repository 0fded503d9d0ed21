/// The header fields of a message, in their order; a name stands for itself in any letter case.
public struct HeaderFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// A field.
    public struct Field: Sendable, Equatable {
        /// The name as it was written.
        public let name: String
        /// The value.
        public let value: String
    }

    /// All fields.
    public private(set) var fields: [Field] = []

    /// The fields of a literal.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of a name; setting it takes the place of all values, nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { Self.isSame($0.name, name) }?.value }
        set {
            fields.removeAll { Self.isSame($0.name, name) }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// All values of a name, in their order.
    public func values(_ name: String) -> [String] {
        fields.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// Adds a field, and leaves those of the same name.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
    }

    /// Fields that let their bearer in: never printed, and left behind when a redirect leaves the server.
    static let secretNames: Set<String> = [
        "authorization", "cookie", "proxy-authorization", "set-cookie", "x-amz-security-token",
        "x-aws-ec2-metadata-token",
    ]

    /// The name of the first field that cannot be sent (RFC 9110 section 5), for a sentence: never its value.
    var firstUnsendable: String? {
        fields.first { field in
            let isToken = field.name.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && !#"(),/:;<=>?@[\]{}""#.utf8.contains(byte)
            }
            let isValue = field.value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
            return field.name.isEmpty || !isToken || !isValue
        }.map { field in String(field.name.prefix(64).map { $0.isASCII && !$0.isNewline ? $0 : "?" }) }
    }

    /// The fields without those that let their bearer in.
    var withoutSecrets: HeaderFields {
        var kept = HeaderFields()
        kept.fields = fields.filter { !Self.secretNames.contains($0.name.lowercased()) }
        return kept
    }
}

extension HeaderFields: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fields; secrets are redacted, and the query of a `Location`, which may be signed.
    public var description: String {
        fields.map { "\($0)" }.joined(separator: ", ")
    }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing but the description.
    public var customMirror: Mirror { Mirror(self, children: ["fields": description]) }
}

extension HeaderFields.Field: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Such as `Accept: */*`; the value of a secret field is `<redacted>`.
    public var description: String {
        switch name.lowercased() {
        case let name where HeaderFields.secretNames.contains(name): "\(self.name): <redacted>"
        case "location": "\(name): \(value.prefix { $0 != "?" })\(value.contains("?") ? "?…" : "")"
        default: "\(name): \(value)"
        }
    }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing but the description.
    public var customMirror: Mirror { Mirror(self, children: ["field": description]) }
}

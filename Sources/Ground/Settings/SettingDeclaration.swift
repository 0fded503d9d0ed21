/// One configuration key: all that is said about it anywhere is made from this.
struct SettingDeclaration<Root: Sendable>: Sendable {
    /// The path in the file, such as `http.listen`.
    let key: String
    /// The long flag, such as `--listen`.
    let flag: String
    /// A sentence or two on what it does.
    let sentence: String
    /// What a value must be, limits included.
    let expected: String
    /// What stands for the value in the help.
    let placeholder: String
    /// What JSON Schema says of a value.
    let schema: [JSONText.Member]
    /// Whether no one may see the value.
    let isSecret: Bool
    /// Whether the flag alone means `true`.
    let isSwitch: Bool

    /// Puts the value that the text names; false when it names none or one outside the limits.
    let assign: @Sendable (_ text: String, _ root: inout Root) -> Bool
    /// The value as it could be read again; for a secret its reference, or `<redacted>`.
    let shown: @Sendable (Root) -> String
    /// The value as it would stand in a file.
    let json: @Sendable (Root) -> JSONText?
    /// The value, where it is a secret that is given.
    let secret: @Sendable (Root) -> Secret?

    /// The environment variable, such as `WHARF_HTTP_LISTEN`.
    var environmentName: String {
        let name = key.map { $0 == "." || $0 == "-" ? "_" : $0 }
        return "WHARF_" + String(name).uppercased()
    }

    /// A key whose value every text of its type may be.
    ///
    /// - Parameters:
    ///   - key: the path in the file.
    ///   - flag: the long flag without dashes; without it, the key with dashes for dots.
    ///   - path: where the value is kept.
    ///   - sentence: what the value does.
    init<Value: SettingValue>(
        _ key: String,
        flag: String? = nil,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ sentence: String
    ) {
        self.init(key, flag: flag, path, sentence, limits: nil, schema: []) { _ in true }
    }

    /// A key whose value lies between two limits, both inclusive.
    init<Value: SettingValue & Comparable>(
        _ key: String,
        flag: String? = nil,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        in range: ClosedRange<Value>,
        _ sentence: String
    ) {
        let limits = "from \(range.lowerBound.settingText) to \(range.upperBound.settingText)"
        var schema: [JSONText.Member] = []
        if case .number(let least) = range.lowerBound.json, case .number(let most) = range.upperBound.json {
            schema = [("minimum", .number(least)), ("maximum", .number(most))]
        }
        self.init(key, flag: flag, path, sentence, limits: limits, schema: schema) { range.contains($0) }
    }

    private init<Value: SettingValue>(
        _ key: String,
        flag: String?,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ sentence: String,
        limits: String?,
        schema: [JSONText.Member],
        allows: @escaping @Sendable (Value) -> Bool
    ) {
        self.key = key
        self.flag = "--" + (flag ?? String(key.map { $0 == "." ? "-" : $0 }))
        self.sentence = sentence
        expected = limits.map { "\(Value.expected), \($0)" } ?? Value.expected
        placeholder = Value.placeholder
        self.schema = Value.schema + schema
        isSecret = Value.isSecret
        isSwitch = Value.self == Bool.self
        assign = { text, root in
            guard let value = Value(settingText: text), allows(value) else { return false }
            root[keyPath: path] = value
            return true
        }
        shown = { root in root[keyPath: path].settingText }
        json = { root in root[keyPath: path].json }
        secret = { root in root[keyPath: path] as? Secret }
    }
}

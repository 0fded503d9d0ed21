/// What a value in JSON may be.
///
/// What is said here is what is checked of each request, and what the OpenAPI document says.
indirect enum Schema: Hashable, Sendable {
    /// Any text.
    case text
    /// A text of a form.
    case form(TextForm)
    /// One of some texts.
    case choice([String])
    /// A moment (RFC 3339).
    case moment
    /// A whole number of 64 bits.
    case integer
    /// A whole number in a range.
    case range(ClosedRange<Int64>)
    /// True or false.
    case boolean
    /// A list, each of whose items is such; of at most a number of them, where one is given.
    case list(Schema, countMax: Int? = nil)
    /// An object of any keys, whose values are texts.
    case map
    /// One of the objects of ``SchemaTable``, by its name.
    case object(String)
}

/// What a text is to look like.
struct TextForm: Hashable, Sendable {
    /// A regular expression that all of it fits (ECMA-262), made so that no text takes long to compare; nil for any.
    var pattern: String?
    /// How many characters it may have: scalars of Unicode, as JSON Schema counts them.
    var counts: ClosedRange<Int>
    /// What it is, for who wrote another one.
    var noun: String
}

/// A key of an object.
struct FieldSchema: Hashable, Sendable {
    var name: String
    var schema: Schema
    var isRequired: Bool
    var description: String

    static func required(_ name: String, _ schema: Schema, _ description: String) -> FieldSchema {
        FieldSchema(name: name, schema: schema, isRequired: true, description: description)
    }

    static func optional(_ name: String, _ schema: Schema, _ description: String) -> FieldSchema {
        FieldSchema(name: name, schema: schema, isRequired: false, description: description)
    }
}

/// An object with its keys: what is not among them is refused, lest a misspelt denial be passed over.
struct ObjectSchema: Hashable, Sendable {
    var name: String
    var description: String
    var fields: [FieldSchema]

    init(_ name: String, _ description: String, _ fields: [FieldSchema]) {
        self.name = name
        self.description = description
        self.fields = fields
    }
}

/// Every object that the API reads or writes: checked against it when read, and shown in its OpenAPI document.
enum SchemaTable {
    /// All objects, by name.
    static let objects: [String: ObjectSchema] = Dictionary(
        all.map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    /// All objects, in reading order.
    static let all = [
        accounts, robots, tokens, projects, roles, access, auditEntry, declaration, jobs, collection, tagGuards, care,
        trash, quotas, problem,
    ].flatMap { $0 }
}

/// The objects of the API in JSON Schema, as OpenAPI 3.1 has it.
enum OpenAPISchemas {
    /// All objects and pages, by name.
    static var components: [String: JSONValue] {
        let read = namesOfRead
        var components = Dictionary(SchemaTable.all.map { ($0.name, object($0, isClosed: read.contains($0.name))) }) {
            first,
            _ in first
        }
        for route in Routes.all {
            guard case .page(let item) = route.answer else { continue }
            components["\(item)Page"] = page(of: item)
        }
        return components
    }

    static func reference(_ name: String) -> JSONValue { ["$ref": .text("#/components/schemas/\(name)")] }

    /// What a value may be.
    static func value(_ schema: Schema) -> JSONValue {
        switch schema {
        case .text: ["type": "string"]
        case .form(let form): text(form)
        case .choice(let choices): ["type": "string", "enum": .list(choices.map(JSONValue.text))]
        case .moment: ["type": "string", "format": "date-time"]
        case .integer: ["type": "integer", "format": "int64"]
        case .range(let range):
            [
                "type": "integer", "format": "int64", "minimum": .integer(range.lowerBound),
                "maximum": .integer(range.upperBound),
            ]
        case .boolean: ["type": "boolean"]
        case .list(let item, let countMax): list(value(item), countMax)
        case .map: ["type": "object", "additionalProperties": ["type": "string"]]
        case .object(let name): reference(name)
        }
    }

    /// The objects that bodies of requests are made of: these have no other keys.
    ///
    /// Answers may get further keys in later versions.
    private static var namesOfRead: Set<String> {
        var names: Set<String> = []
        var waiting = Routes.all.compactMap(\.body)
        while let name = waiting.popLast() {
            guard names.insert(name).inserted else { continue }
            waiting += SchemaTable.objects[name]?.fields.compactMap { $0.schema.objectName } ?? []
        }
        return names
    }

    private static func object(_ object: ObjectSchema, isClosed: Bool) -> JSONValue {
        let properties = object.fields.map { field in (field.name, described(value(field.schema), field.description)) }
        var schema: [String: JSONValue] = [
            "type": "object",
            "description": .text(object.description),
            "properties": .object(Dictionary(properties) { first, _ in first }),
        ]
        let required = object.fields.filter(\.isRequired).map { JSONValue.text($0.name) }
        if !required.isEmpty { schema["required"] = .list(required) }
        if isClosed { schema["additionalProperties"] = false }
        return .object(schema)
    }

    private static func page(of item: String) -> JSONValue {
        [
            "type": "object",
            "description": "A part of a list.",
            "properties": [
                "items": described(list(reference(item), 1000), "The items, in the order of their keys."),
                "next": described(
                    ["type": "string"],
                    "What to give as `after` for the next part; not given at the end."
                ),
            ],
            "required": ["items"],
        ]
    }

    private static func text(_ form: TextForm) -> JSONValue {
        var schema: [String: JSONValue] = ["type": "string", "maxLength": .integer(Int64(form.counts.upperBound))]
        if form.counts.lowerBound > 0 { schema["minLength"] = .integer(Int64(form.counts.lowerBound)) }
        if let pattern = form.pattern { schema["pattern"] = .text(pattern) }
        return .object(schema)
    }

    private static func list(_ item: JSONValue, _ countMax: Int?) -> JSONValue {
        var schema: [String: JSONValue] = ["type": "array", "items": item]
        if let countMax { schema["maxItems"] = .integer(Int64(countMax)) }
        return .object(schema)
    }

    private static func described(_ schema: JSONValue, _ description: String) -> JSONValue {
        guard case .object(var keys) = schema else { return schema }
        keys["description"] = .text(description)
        return .object(keys)
    }
}

extension Schema {
    /// The name of the object that it is, or that its items are.
    fileprivate var objectName: String? {
        switch self {
        case .object(let name): name
        case .list(let item, _): item.objectName
        default: nil
        }
    }
}

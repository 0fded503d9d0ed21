extension SettingsTable {
    /// A JSON Schema (draft 2020-12) of the file.
    func jsonSchema(title: String) -> String {
        let members: [JSONText.Member] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", .string(title)),
        ]
        return JSONText.object(members + section("")).text() + "\n"
    }

    /// The members that describe the mapping under `prefix`, which is empty or ends with a dot.
    private func section(_ prefix: String) -> [JSONText.Member] {
        var names: [String] = []
        for declaration in declarations where declaration.key.hasPrefix(prefix) {
            let name = declaration.key.dropFirst(prefix.count).prefix { $0 != "." }
            if !names.contains(String(name)) { names.append(String(name)) }
        }
        let properties = names.map { name in
            let declaration = declarations.first { $0.key == prefix + name }
            let described = sections.first { $0.name == prefix + name }?.sentence
            let description: [JSONText.Member] = described.map { [("description", .string($0))] } ?? []
            return (name, .object(declaration.map(property) ?? description + section(prefix + name + ".")))
                as JSONText.Member
        }
        // A file may leave a section empty, which YAML reads as null.
        let types: JSONText = prefix.isEmpty ? "object" : ["object", "null"]
        return [("type", types), ("properties", .object(properties)), ("additionalProperties", .bool(false))]
    }

    private func property(_ declaration: SettingDeclaration<Root>) -> [JSONText.Member] {
        let text = "\(declaration.sentence) It is \(declaration.expected)."
        let standard: [JSONText.Member] = declaration.json(defaults).map { [("default", $0)] } ?? []
        return [("description", .string(text))] + declaration.schema + standard
    }
}

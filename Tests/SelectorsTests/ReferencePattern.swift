/// What a pattern means, component by component, as plainly as it can be said and without regard to time.
struct ReferencePattern {
    private let components: [String]
    private let isEverything: Bool

    /// Nil for what is no pattern.
    init?(_ text: String) {
        components = text.pathComponents
        isEverything = text == "*"
        for component in components {
            guard !component.isEmpty, component == "**" || !component.contains("**") else { return nil }
        }
    }

    func matches(_ name: String) -> Bool {
        isEverything || Self.matches(components[...], name.pathComponents[...])
    }

    private static func matches(_ pattern: ArraySlice<String>, _ name: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        if first == "**" {
            if rest.isEmpty { return !name.isEmpty }
            return (0...name.count).contains { matches(rest, name.dropFirst($0)) }
        }
        guard let component = name.first else { return false }
        return matches(Array(first)[...], Array(component)[...]) && matches(rest, name.dropFirst())
    }

    private static func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == "*" { return (0...text.count).contains { matches(rest, text.dropFirst($0)) } }
        guard let character = text.first else { return false }
        return (first == "?" || first == character) && matches(rest, text.dropFirst())
    }
}

extension String {
    fileprivate var pathComponents: [String] {
        split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
}

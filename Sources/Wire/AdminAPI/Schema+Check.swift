import AdminModel
import Foundation

extension Schema {
    /// Throws ``Problem`` with the place of the first value that is not as it should be.
    func check(_ value: JSONValue, at place: String) throws {
        switch (self, value) {
        case (.text, .text), (.integer, .integer), (.boolean, .boolean):
            return
        case (.form(let form), .text(let text)):
            guard form.fits(text) else { throw problem(place, "\(place) is not \(form.noun)") }
        case (.range(let range), .integer(let number)):
            guard range.contains(number) else {
                throw problem(place, "\(place) is \(range.lowerBound) to \(range.upperBound)")
            }
        case (.choice(let choices), .text(let text)):
            guard choices.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
                throw problem(place, "\(place) is one of \(choices.joined(separator: ", "))")
            }
        case (.moment, .text(let text)):
            // A day alone is for people who type.
            guard text.utf8.count > 10, Instant(text) != nil else {
                throw problem(place, "\(place) is not \(noun)")
            }
        case (.list(let item, let countMax), .list(let items)):
            guard items.count <= countMax ?? .max else {
                throw problem(place, "\(place) has at most \(countMax ?? 0) items")
            }
            for (index, value) in items.enumerated() { try item.check(value, at: "\(place)[\(index)]") }
        case (.map, .object(let values)):
            for (key, value) in values { try Schema.text.check(value, at: "\(place).\(key)") }
        case (.object(let name), .object(let values)):
            try SchemaTable.objects[name]?.check(values, at: place)
        case (_, .null):
            throw problem(place, "\(place.isEmpty ? "the body" : place) is null: leave out what is not to be said")
        default:
            throw problem(place, "\(place.isEmpty ? "the body" : place) is not \(noun)")
        }
    }

    /// Throws ``Problem`` unless the text of a parameter is as it should be.
    func check(parameter text: String, _ name: String) throws {
        switch self {
        case .integer, .range:
            let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            try check(isNumber ? Int64(text).map(JSONValue.integer) ?? .text(text) : .text(text), at: name)
        case .boolean:
            try check(["true", "false"].contains(text) ? .boolean(text == "true") : .text(text), at: name)
        case .moment:
            guard Instant(text) != nil else { throw problem(name, "\(name) is not \(noun)") }
        case .text, .form, .choice, .list, .map, .object:
            try check(.text(text), at: name)
        }
    }

    private func problem(_ place: String, _ message: String) -> Problem {
        Problem(.invalid, message, field: place.isEmpty ? nil : place)
    }

    private var noun: String {
        switch self {
        case .text, .form, .choice: "a text"
        case .moment: "a moment, such as 2026-11-01T12:00:00Z"
        case .integer, .range: "a whole number"
        case .boolean: "true or false"
        case .list: "a list"
        case .map, .object: "an object"
        }
    }
}

extension TextForm {
    /// Whether a text is of the form.
    func fits(_ text: String) -> Bool {
        // No scalar has more than four bytes: what is far too long is not counted.
        guard text.utf8.count <= counts.upperBound * 4, counts.contains(text.unicodeScalars.count) else { return false }
        guard let pattern else { return true }
        guard let expression = Self.expressions[pattern] else { return false }
        let whole = NSRange(location: 0, length: text.utf16.count)
        // The end of a line is not the end of the text.
        return expression.firstMatch(in: text, range: whole)?.range == whole
    }

    private static let expressions: [String: NSRegularExpression] = {
        let forms: [Schema] = [
            .accountName, .shortRobotName, .robotName, .anyAccountName, .projectName, .repositoryPattern, .subject,
            .identifier, .jobKind, .jobNumber, .words, .newPassword, .anyPassword, .addresses, .pageKey,
            .tagName, .namePatterns, .digest,
        ]
        let patterns = forms.compactMap { schema -> String? in
            switch schema {
            case .form(let form), .list(.form(let form), _): form.pattern
            default: nil
            }
        }
        return Dictionary(
            patterns.compactMap { pattern in
                (try? NSRegularExpression(pattern: pattern)).map { (pattern, $0) }
            }
        ) { first, _ in first }
    }()
}

extension ObjectSchema {
    fileprivate func check(_ values: [String: JSONValue], at place: String) throws {
        let prefix = place.isEmpty ? "" : place + "."
        let known = fields.map(\.name)
        if let strange = values.keys.sorted().first(where: { !known.contains($0) }) {
            throw Problem(
                .invalid,
                "there is no \(prefix)\(strange.prefix(100)): there are \(known.joined(separator: ", "))",
                field: prefix + strange.prefix(100)
            )
        }
        for field in fields {
            guard let value = values[field.name] else {
                guard !field.isRequired else {
                    throw Problem(.invalid, "\(prefix)\(field.name) is missing", field: prefix + field.name)
                }
                continue
            }
            try field.schema.check(value, at: prefix + field.name)
        }
    }
}

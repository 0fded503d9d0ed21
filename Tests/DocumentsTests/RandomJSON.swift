import Documents
import RegistryTesting

/// Values of any shape, with the texts that YAML takes for something else.
struct RandomJSON {
    var generator: SeededGenerator

    private static let traps = [
        "", " ", "*", "**", "&a", "!x", "yes", "No", "on", "OFF", "y", "N", "true", "null", "~", "1.0", "1.10", "012",
        "0x1f",
        "0o17", "0b11", "1_000", "1:30", "1e5", "1.5e+3", ".5", "5.", ".inf", "-.INF", ".nan", "+1", "-1", "-", "--",
        "---",
        "...", "--- a", "=", "<<", "? a", ": a", ":", "a:", "a: b", "a:b", "a #b", "a#b", "#a", "2024-01-01",
        "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", "%a", "@a", "`a`", "[a]", "{a}", "a, b", "'a'", "\"a\"",
        "a\\b",
        "team/*", "sha256:abc", "10.0.0.0/8", "a\tb", "\ta", "a\n", "\na", "a\nb", "a\n\nb\n", "a\n b\n", " a\nb",
        "a\nb\n\n",
        "a \nb", "a\r\nb", "a\rb", "\u{7}", "\u{7f}", "\u{85}", "a\u{2028}b", "a\u{feff}", "é", "😀", "\u{ffff}",
        "\u{10ffff}",
        "a\n# b\n", "a\n---\nb", "|", ">", "a\u{a0}", "key", "name", "repo", "wharf-data", "v1.2.3", "3fade", "e5",
        "Null",
    ]

    private static let numbers = [
        "0", "-1", "42", "1.5", "-0.25", "1.0e+20", "1e5", "1E-7", "2.5e3", "9007199254740993", "-0", "1.10",
    ]

    mutating func text() -> String {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0..<5: return Self.traps.randomElement(using: &generator) ?? ""
        case 5, 6:
            let parts = (0..<3).map { _ in Self.traps.randomElement(using: &generator) ?? "" }
            return parts.joined(separator: ["", " ", "\n"].randomElement(using: &generator) ?? "")
        default:
            let count = [3, 600, 2000].randomElement(using: &generator) ?? 3
            return String(repeating: Self.traps.randomElement(using: &generator) ?? "", count: count)
        }
    }

    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 10 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number(Self.numbers.randomElement(using: &generator) ?? "0")
        case 3, 4: return .string(text())
        case 5, 6:
            return .array((0..<Int.random(in: 0..<5, using: &generator)).map { _ in value(depth: depth + 1) })
        default:
            var members: [JSONValue.Member] = []
            for _ in 0..<Int.random(in: 0..<5, using: &generator) {
                let name = text()
                guard !members.contains(where: { $0.name == name }) else { continue }
                members.append(.init(name, value(depth: depth + 1)))
            }
            return .object(members)
        }
    }

    /// The value with each number in the form that YAML is written with.
    static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        case .number("1e5"): .number("1.0e+5")
        case .number("1E-7"): .number("1.0e-7")
        case .number("2.5e3"): .number("2.5e+3")
        case .array(let items): .array(items.map(canonical))
        case .object(let members): .object(members.map { .init($0.name, canonical($0.value)) })
        default: value
        }
    }
}

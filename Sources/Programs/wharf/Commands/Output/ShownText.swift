/// Text that others wrote, for a terminal: nothing in it moves the cursor, changes colours or turns the direction.
enum ShownText {
    /// As a part of a line.
    static func line(_ text: String) -> String {
        clean(text, keeping: [])
    }

    /// With its lines and tabs as they are.
    static func lines(_ text: String) -> String {
        clean(text, keeping: ["\n", "\t"])
    }

    private static func clean(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        guard text.unicodeScalars.contains(where: { acts($0) && !kept.contains($0) }) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { shown.append(acts(scalar) && !kept.contains(scalar) ? "?" : scalar) }
        return String(shown)
    }

    /// Whether a terminal does something at a character but show it.
    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20..<0x7F: false
        // Controls; separators of lines; what turns the direction (Unicode Standard Annex #9).
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

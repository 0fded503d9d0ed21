/// Which bytes an answer has, `bytes 0-99/1000` (RFC 9110 section 14.4).
package struct ContentRange: Hashable, Sendable {
    /// The bytes.
    package var range: Range<Int64>
    /// The size of the whole, where it is said.
    package var byteCount: Int64?

    /// Nil when it is none, or contradicts itself.
    package init?(_ field: String) {
        let words = field.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
        let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, bounds.count == 2, let first = Self.number(bounds[0]),
            let last = Self.number(bounds[1]),
            first <= last, last < .max
        else { return nil }
        if parts[1] != "*" {
            guard let total = Self.number(parts[1]), total > last else { return nil }
            byteCount = total
        }
        range = first..<(last + 1)
    }

    private static func number(_ text: Substring) -> Int64? {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
    }
}

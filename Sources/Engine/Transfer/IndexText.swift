/// The text of an index, of which children are taken out; all else stays as it was written, unknown fields too.
///
/// What comes out has no white space between its parts, so that the same children of the same index always are the
/// same bytes.
struct IndexText {
    private let bytes: [UInt8]

    /// Takes a document that was read as a manifest, and so is known to be JSON with at most one field `manifests`.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The document with those elements of `manifests` alone.
    func keeping(_ positions: Set<Int>) -> [UInt8] {
        let text = Self.packed(bytes)
        guard let elements = Self.elements(of: text) else { return text }
        let kept = elements.enumerated().filter { positions.contains($0.offset) }.map { Array(text[$0.element]) }
        guard let start = elements.first?.lowerBound, let end = elements.last?.upperBound else { return text }
        return text[..<start] + Array(kept.joined(separator: [UInt8(ascii: ",")])) + text[end...]
    }

    /// Without white space outside of strings.
    private static func packed(_ bytes: [UInt8]) -> [UInt8] {
        var scanner = Scanner()
        var packed: [UInt8] = []
        packed.reserveCapacity(bytes.count)
        for byte in bytes {
            let wasInString = scanner.isInString
            scanner.take(byte)
            if wasInString || ![0x20, 0x09, 0x0A, 0x0D].contains(byte) { packed.append(byte) }
        }
        return packed
    }

    /// Where the elements of the array are that is the value of `manifests` in the outermost object.
    private static func elements(of text: [UInt8]) -> [Range<Int>]? {
        let name = Array(#""manifests":["#.utf8)
        var scanner = Scanner()
        var start: Int?
        var elements: [Range<Int>] = []
        for (index, byte) in text.enumerated() {
            let (wasInString, depth) = (scanner.isInString, scanner.depth)
            scanner.take(byte)
            if let begin = start {
                guard !wasInString, depth == 2, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { continue }
                if index > begin { elements.append(begin..<index) }
                start = index + 1
                if byte == UInt8(ascii: "]") { return elements }
            } else if !wasInString, depth == 1, byte == UInt8(ascii: "["),
                text[...index].suffix(name.count) == name[...]
            {
                start = index + 1
            }
        }
        return nil
    }

    /// Knows what is inside of a string, and how deep it is outside.
    private struct Scanner {
        private(set) var isInString = false
        private(set) var depth = 0
        private var isEscaped = false

        mutating func take(_ byte: UInt8) {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                return
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
    }
}

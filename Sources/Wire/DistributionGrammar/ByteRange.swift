/// What a `Range` header asks of content of a known size (RFC 9110 section 14).
public enum ByteRange: Hashable, Sendable {
    /// Everything: there is no range, or one that may be passed over.
    case whole
    /// Bytes from the first offset up to, not including, the second.
    case part(Range<Int64>)
    /// Nothing of the content.
    case unsatisfiable

    /// Reads a `Range` header.
    ///
    /// A range that cannot be read, of another unit, or of several parts is passed over, as RFC 9110 section 14.2
    /// allows; one that begins behind the end is unsatisfiable, and so is one that ends before it begins, since the
    /// specification's conformance tests look for that.
    public init(header: String?, byteCount: Int64) {
        guard let header, let spec = Self.specification(header) else {
            self = .whole
            return
        }
        switch (spec.first, spec.last) {
        case (nil, let count?):
            self = count == 0 || byteCount == 0 ? .unsatisfiable : .part(max(0, byteCount - count)..<byteCount)
        case (let first?, let last):
            guard first < byteCount else {
                self = .unsatisfiable
                return
            }
            if let last, last < first {
                self = .unsatisfiable
            } else {
                self = .part(first..<(last.map { min($0, byteCount - 1) + 1 } ?? byteCount))
            }
        case (nil, nil):
            self = .whole
        }
    }

    private static func specification(_ header: String) -> (first: Int64?, last: Int64?)? {
        let parts = header.utf8.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, HeaderText.isBytes(parts[0]) else { return nil }
        let bounds = parts[1].split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = number(bounds[0]), let last = number(bounds[1]) else { return nil }
        return (first, last)
    }

    /// A number, nil for none where none is allowed; the outer nil when it is neither.
    private static func number(_ text: Substring.UTF8View) -> Int64?? {
        let digits = HeaderText.trimmed(text)
        if digits.isEmpty { return .some(nil) }
        guard HeaderText.isDigits(digits) else { return .none }
        // More digits than an offset can have: behind any end.
        return .some(Int64(Substring(digits)) ?? .max)
    }
}

/// The `Content-Range` of a chunk: `<first>-<last>`, both inclusive (distribution specification, "Pushing a blob in
/// chunks").
public struct ChunkRange: Hashable, Sendable {
    /// The offset of the first byte.
    public var first: Int64
    /// How many bytes the chunk has.
    public var byteCount: Int64

    /// Reads a header; nil when it is none, or contradicts itself.
    ///
    /// `bytes ` before and `/size` behind are allowed, as RFC 9110 has them.
    public init?(_ header: String) {
        var text = header.utf8[...]
        if HeaderText.isBytes(text.prefix(5)), text.dropFirst(5).first == UInt8(ascii: " ") { text = text.dropFirst(6) }
        let parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let bounds = parts[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count <= 2, bounds.count == 2, let first = Self.number(bounds[0]), let last = Self.number(bounds[1])
        else { return nil }
        // An empty chunk has no range; some clients then write the offset before as the last byte.
        guard last >= first - 1, last < .max else { return nil }
        if parts.count == 2, !parts[1].elementsEqual("*".utf8) {
            guard let size = Self.number(parts[1]), size > last else { return nil }
        }
        self.first = first
        byteCount = last - first + 1
    }

    private static func number(_ text: Substring.UTF8View) -> Int64? {
        HeaderText.isDigits(text) ? Int64(Substring(text)) : nil
    }
}

/// Pieces of header fields, compared as bytes: text from a client may hold characters that make String slow.
private enum HeaderText {
    /// `bytes`, in any case.
    static func isBytes(_ text: Substring.UTF8View) -> Bool {
        text.lazy.map { $0 | 0x20 }.elementsEqual("bytes".utf8)
    }

    static func isDigits(_ text: Substring.UTF8View) -> Bool {
        !text.isEmpty && text.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// Without white space at the ends.
    static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }
}

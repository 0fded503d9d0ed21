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
        let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        let bounds = parts[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = number(bounds[0]), let last = number(bounds[1]) else { return nil }
        return (first, last)
    }

    /// A number, nil for none where none is allowed; the outer nil when it is neither.
    private static func number(_ text: Substring) -> Int64?? {
        let digits = text.filter { $0 != " " && $0 != "\t" }
        if digits.isEmpty { return .some(nil) }
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return .none }
        // More digits than an offset can have: behind any end.
        return .some(Int64(digits) ?? .max)
    }
}

/// The `Content-Range` of a chunk: `<first>-<last>`, both inclusive (distribution specification, "Pushing a blob in
/// chunks").
public struct ChunkRange: Hashable, Sendable {
    /// The offset of the first byte.
    public var first: Int64
    /// How many bytes the chunk has.
    public var byteCount: Int64

    /// Reads a header; `bytes ` before and `/size` behind are allowed, as RFC 9110 has them.
    ///
    /// Nil when it is none.
    public init?(_ header: String) {
        var text = header[...]
        if text.lowercased().hasPrefix("bytes ") { text = text.dropFirst(6) }
        text = text.prefix { $0 != "/" }
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Self.number(bounds[0]), let last = Self.number(bounds[1]) else {
            return nil
        }
        // An empty chunk has no range; some clients then write the offset before as the last byte.
        guard last >= first - 1, last < .max else { return nil }
        self.first = first
        byteCount = last - first + 1
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(text)
    }
}

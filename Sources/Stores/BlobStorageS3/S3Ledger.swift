import BlobStorage
import Hashing
import OCI

/// What a store of objects has to know of an upload in progress: which parts there are, and where its end lies.
struct S3Ledger: Sendable, Equatable {
    /// An object with the bytes of an upload that fill no part yet.
    struct Tail: Sendable, Hashable {
        /// The offset in the upload at which it begins: where the parts ended.
        var start: Int64
        /// The offset at which it ends: where the upload stood.
        var end: Int64
        /// The first 8 bytes of the SHA-256 of its bytes, so that other bytes have another name.
        var mark: UInt64

        /// Names the end of an upload by the hash of its bytes.
        init(_ range: Range<Int64>, _ hash: ContentHash) {
            self.init(
                start: range.lowerBound,
                end: range.upperBound,
                mark: UInt64(hash.digest().encoded.prefix(16), radix: 16) ?? 0
            )
        }

        init(start: Int64, end: Int64, mark: UInt64) {
            (self.start, self.end, self.mark) = (start, end, mark)
        }
    }

    /// What the store knows the multipart upload by; nil while there is no part.
    var uploadID: String?
    /// The parts, one after the other; their numbers are 1, 2, 3.
    private(set) var parts: [S3Part] = []
    /// How many bytes the parts have.
    private(set) var partsEnd: Int64 = 0
    /// The end that was put there last; parts may have grown over it since.
    var tail: Tail?
    /// Older ends, which no state that anybody recorded needs.
    var stale: [Tail] = []

    /// Nothing but what is here.
    init() {}

    /// The end, unless parts have grown over it.
    var currentTail: Tail? { tail.flatMap { $0.start == partsEnd ? $0 : nil } }

    /// Notes one more part.
    mutating func append(_ part: S3Part) {
        parts.append(part)
        partsEnd += part.byteCount
    }

    /// What is recorded when the upload stands where the parts end, and the end that was there last goes.
    func endingAtParts() -> S3Ledger {
        var ledger = self
        if let tail { ledger.stale = Array((stale + [tail]).suffix(Self.staleMax)) }
        ledger.tail = nil
        return ledger
    }

    // MARK: - As bytes

    private static let version: UInt8 = 1
    /// As many parts as S3 takes.
    static let partsMax = 10_000
    /// How many old ends are remembered; those beyond are found in the store's listing.
    static let staleMax = 8

    /// The bytes, nil where there is nothing to know; numbers seven bits a byte, the lowest first.
    ///
    ///     1 byte   version (1)
    ///     text     the multipart upload, empty for none
    ///     number   of parts; of each its size, its tag and its checksum, both as text
    ///     number   of ends, at most 1 that counts; of each its start, its end, its mark
    ///     number   of old ends, each the same
    ///
    /// A text is its length in bytes and its bytes. Before a tag stands a byte: 0 before a text, 1 before the 16 bytes
    /// of 32 hexadecimal digits in quotation marks, as most tags are. The parts of 10 GiB take some 29 KiB.
    func encoded() -> [UInt8]? {
        guard self != S3Ledger() else { return nil }
        var writer = Writer()
        writer.bytes.append(Self.version)
        writer.text(uploadID ?? "")
        writer.number(UInt64(parts.count))
        for part in parts {
            writer.number(UInt64(clamping: part.byteCount))
            writer.tag(part.etag)
            writer.text(part.checksum ?? "")
        }
        for tails in [tail.map { [$0] } ?? [], stale] {
            writer.number(UInt64(tails.count))
            for tail in tails {
                writer.number(UInt64(clamping: tail.start))
                writer.number(UInt64(clamping: tail.end))
                writer.number(tail.mark)
            }
        }
        return writer.bytes
    }

    /// Reads what was recorded; nil is an upload of which nothing is known.
    ///
    /// - Throws: ``BlobStoreError/Code/truncated`` where this program does not know the form: it cannot go on.
    init(_ bytes: [UInt8]?) throws(BlobStoreError) {
        guard let bytes else { return }
        guard let ledger = Self.read(bytes) else {
            throw BlobStoreError(
                .truncated,
                "What was recorded of an upload cannot be read: another version of wharf has begun it. It begins anew."
            )
        }
        self = ledger
    }

    private static func read(_ bytes: [UInt8]) -> S3Ledger? {
        var reader = Reader(rest: bytes[...])
        var ledger = S3Ledger()
        guard reader.byte() == version, let id = reader.text() else { return nil }
        ledger.uploadID = id.isEmpty ? nil : id
        guard let count = reader.number(), count <= partsMax else { return nil }
        for index in 0..<Int(count) {
            guard let size = reader.size(), size > 0, size <= Int64.max - ledger.partsEnd, let tag = reader.tag(),
                let checksum = reader.text()
            else { return nil }
            let sum = checksum.isEmpty ? nil : checksum
            ledger.append(S3Part(number: index + 1, etag: tag, byteCount: size, checksum: sum))
        }
        guard let tail = reader.tails(max: 1), let stale = reader.tails(max: staleMax), reader.rest.isEmpty else {
            return nil
        }
        guard ledger.parts.isEmpty == (ledger.uploadID == nil) else { return nil }
        ledger.tail = tail.first
        ledger.stale = stale
        return ledger
    }
}

private struct Writer {
    var bytes: [UInt8] = []

    mutating func number(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    mutating func text(_ text: String) {
        number(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    mutating func tag(_ tag: String) {
        let digits = tag.utf8.dropFirst().dropLast()
        guard tag.utf8.count == 34, tag.hasPrefix("\""), tag.hasSuffix("\""), let raw = Reader.raw(Array(digits)) else {
            bytes.append(Reader.textTag)
            return text(tag)
        }
        bytes.append(Reader.rawTag)
        bytes += raw
    }
}

private struct Reader {
    /// Before the 16 bytes of a tag of 32 digits.
    static let rawTag: UInt8 = 1
    /// Before the text of any other tag.
    static let textTag: UInt8 = 0
    private static let textMax: UInt64 = 4096

    var rest: ArraySlice<UInt8>

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func number() -> UInt64? {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while let next = rest.popFirst() {
            let bits = UInt64(next & 0x7F)
            guard shift < 63 || (shift == 63 && bits <= 1) else { return nil }
            value |= bits << shift
            if next < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    mutating func size() -> Int64? { number().flatMap { Int64(exactly: $0) } }

    mutating func text() -> String? {
        guard let count = number(), count <= Self.textMax else { return nil }
        return text(Int(count))
    }

    mutating func tag() -> String? {
        guard let kind = byte(), kind == Self.rawTag || kind == Self.textTag else { return nil }
        guard kind == Self.rawTag else { return text() }
        guard rest.count >= 16 else { return nil }
        defer { rest.removeFirst(16) }
        let digits = rest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "\"\(digits.joined())\""
    }

    mutating func tails(max: Int) -> [S3Ledger.Tail]? {
        guard let count = number(), count <= UInt64(max) else { return nil }
        var tails: [S3Ledger.Tail] = []
        for _ in 0..<count {
            guard let start = size(), let end = size(), start < end, let mark = number() else { return nil }
            tails.append(S3Ledger.Tail(start: start, end: end, mark: mark))
        }
        return tails
    }

    private mutating func text(_ count: Int) -> String? {
        guard rest.count >= count else { return nil }
        defer { rest.removeFirst(count) }
        return String(validating: rest.prefix(count), as: UTF8.self)
    }

    /// 16 bytes of 32 small hexadecimal digits; nil where they are others.
    static func raw(_ digits: [UInt8]) -> [UInt8]? {
        guard digits.count == 32 else { return nil }
        var raw: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            raw.append(high << 4 | low)
        }
        return raw
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}

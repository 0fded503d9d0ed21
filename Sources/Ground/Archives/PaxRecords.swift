/// The records of a pax header: `length key=value\n`, one after the other (POSIX.1-2001, pax, "Extended Header").
struct PaxRecords {
    /// No file has more extended attributes: each is compared with those before it.
    private static let attributeCountMax = 256
    /// The most bytes that they have together.
    private static let attributeByteCountMax = 1 << 20

    private(set) var path: [UInt8]?
    private(set) var target: [UInt8]?
    private(set) var size: Int64?
    private(set) var modified: TarEntry.Time?
    private(set) var userID: Int64?
    private(set) var groupID: Int64?
    private(set) var userName: String?
    private(set) var groupName: String?
    private(set) var attributes: [TarEntry.Attribute] = []

    /// Adds records; a later one counts over an earlier one of the same key, and an empty value takes it away.
    mutating func read(_ bytes: [UInt8], offset: Int64) throws(ArchiveError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let (key, value, count) = try Self.record(rest, offset)
            rest = rest.dropFirst(count)
            try take(key, value, offset)
        }
    }

    private static func record(
        _ rest: ArraySlice<UInt8>,
        _ offset: Int64
    ) throws(ArchiveError) -> (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, count: Int) {
        let malformed = ArchiveError(.malformed, "a pax header has a record that is none", offset: offset)
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count), let count = Int(String(decoding: digits, as: UTF8.self)),
            count <= rest.count, count > digits.count + 2
        else { throw malformed }
        let record = rest.prefix(count)
        guard record[record.startIndex + digits.count] == UInt8(ascii: " "), record.last == UInt8(ascii: "\n") else {
            throw malformed
        }
        let text = record.dropFirst(digits.count + 1).dropLast()
        guard let mark = text.firstIndex(of: UInt8(ascii: "=")), mark > text.startIndex else { throw malformed }
        return (text[..<mark], text[(mark + 1)...], count)
    }

    private mutating func take(
        _ key: ArraySlice<UInt8>,
        _ value: ArraySlice<UInt8>,
        _ offset: Int64
    ) throws(ArchiveError) {
        let name = String(decoding: key, as: UTF8.self)
        switch name {
        case "path": path = try Self.name(value, offset)
        case "linkpath": target = try Self.name(value, offset)
        case "size": size = try Self.number(value, name, offset)
        case "uid": userID = try Self.number(value, name, offset)
        case "gid": groupID = try Self.number(value, name, offset)
        case "uname": userName = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        case "gname": groupName = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        case "mtime": modified = try Self.time(value, offset)
        default:
            if name.hasPrefix("GNU.sparse.") {
                throw ArchiveError(.unsupported, "an entry is a sparse file, which is not read", offset: offset)
            }
            let mark = "SCHILY.xattr."
            guard name.hasPrefix(mark) else { return }
            let attribute = String(name.dropFirst(mark.count))
            attributes.removeAll { $0.name.utf8.elementsEqual(attribute.utf8) }
            let byteCount = attributes.reduce(key.count + value.count) { $0 + $1.name.utf8.count + $1.value.count }
            guard attributes.count < Self.attributeCountMax, byteCount <= Self.attributeByteCountMax else {
                throw ArchiveError(.tooLarge, "an entry has too many extended attributes", offset: offset)
            }
            attributes.append(.init(name: attribute, value: Array(value)))
        }
    }

    private static func name(_ value: ArraySlice<UInt8>, _ offset: Int64) throws(ArchiveError) -> [UInt8]? {
        guard !value.contains(0) else {
            throw ArchiveError(.malformed, "a name in a pax header has a NUL byte", offset: offset)
        }
        return value.isEmpty ? nil : Array(value)
    }

    private static func number(
        _ value: ArraySlice<UInt8>,
        _ name: String,
        _ offset: Int64
    ) throws(ArchiveError) -> Int64? {
        if value.isEmpty { return nil }
        guard let number = Int64(String(decoding: value, as: UTF8.self)) else {
            throw ArchiveError(.malformed, "the \(name) of a pax header is no number", offset: offset)
        }
        return number
    }

    /// Decimal seconds with a fraction, of which nine digits are kept.
    private static func time(_ value: ArraySlice<UInt8>, _ offset: Int64) throws(ArchiveError) -> TarEntry.Time? {
        if value.isEmpty { return nil }
        let parts = value.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = (parts.count == 2 ? Array(parts[1]) : []).prefix(9)
        guard let seconds = Int64(String(decoding: parts[0], as: UTF8.self)),
            fraction.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw ArchiveError(.malformed, "the time of a pax header is no number", offset: offset) }
        var nanoseconds: Int32 = 0
        for index in 0..<9 {
            nanoseconds = nanoseconds * 10 + (index < fraction.count ? Int32(fraction[index] - 0x30) : 0)
        }
        guard parts[0].first == UInt8(ascii: "-"), nanoseconds > 0, seconds > Int64.min else {
            return TarEntry.Time(seconds: seconds, nanoseconds: nanoseconds)
        }
        return TarEntry.Time(seconds: seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
    }
}

/// Writes a tar archive: ustar, with a pax header before an entry whose facts do not fit.
///
/// The same entries give the same bytes. The bytes are returned, for the caller to put where they belong: those of
/// ``begin(_:)``, then the data, then those of ``end()``, and at last those of ``finish()``.
public struct TarWriter: Sendable {
    /// Whether fractions of seconds are kept, by a pax header; else they are cut off.
    public let keepsFractions: Bool
    private var open: Int64?
    private var padding = 0

    /// Begins an archive.
    public init(keepsFractions: Bool = false) {
        self.keepsFractions = keepsFractions
    }

    /// The two empty blocks at the end.
    public static let trailer = [UInt8](repeating: 0, count: 1024)

    /// The bytes before the data of an entry; the name of a folder gets a slash at its end.
    ///
    /// - Throws: `malformed` for a name that is empty or has a NUL byte, and for numbers below 0 where none can be.
    public mutating func begin(_ entry: TarEntry) throws(ArchiveError) -> [UInt8] {
        precondition(open == nil, "the entry before was not ended")
        try Self.check(entry)
        var entry = entry
        if entry.kind == .folder, entry.name.last != UInt8(ascii: "/") { entry.name.append(UInt8(ascii: "/")) }
        let size = entry.kind.hasData ? entry.size : 0
        var bytes: [UInt8] = []
        let records = records(entry, size)
        if !records.isEmpty {
            let base = entry.name.split(separator: UInt8(ascii: "/")).last.map { Array($0) } ?? []
            let extra = TarEntry(name: Array("PaxHeaders/".utf8) + Self.ascii(base), size: Int64(records.count))
            bytes += Self.header(extra, type: UInt8(ascii: "x"), Int64(records.count))
            bytes += records
            bytes += [UInt8](repeating: 0, count: TarReader.padding(Int64(records.count)))
        }
        bytes += Self.header(entry, type: Self.type(entry.kind), size)
        padding = TarReader.padding(size)
        open = size
        return bytes
    }

    /// Takes note that so much of the data of the entry was written.
    public mutating func wrote(_ count: Int) {
        precondition(count <= open ?? 0, "an entry has no more data than was said")
        open = (open ?? 0) - Int64(count)
    }

    /// The bytes behind the data of an entry.
    public mutating func end() -> [UInt8] {
        precondition(open == 0, "an entry has as much data as was said")
        open = nil
        return [UInt8](repeating: 0, count: padding)
    }

    /// The bytes at the end of the archive.
    public func finish() -> [UInt8] {
        precondition(open == nil, "the last entry was not ended")
        return Self.trailer
    }

    /// The bytes of an entry with data that is at hand.
    public mutating func whole(_ entry: TarEntry, _ data: [UInt8] = []) throws(ArchiveError) -> [UInt8] {
        var entry = entry
        entry.size = Int64(data.count)
        let head = try begin(entry)
        wrote(entry.kind.hasData ? data.count : 0)
        return head + (entry.kind.hasData ? data : []) + end()
    }
}

// MARK: - Headers

extension TarWriter {
    private static func check(_ entry: TarEntry) throws(ArchiveError) {
        guard !entry.name.isEmpty, !entry.name.contains(0), !entry.target.contains(0) else {
            throw ArchiveError(.malformed, "an entry has no name, or a NUL byte in it: \(EntryPath.shown(entry.name))")
        }
        guard entry.size >= 0, entry.userID >= 0, entry.groupID >= 0 else {
            throw ArchiveError(.malformed, "the entry \(EntryPath.shown(entry.name)) has a number below 0")
        }
    }

    /// The largest number of so many octal digits.
    private static func octalMax(_ digits: Int) -> Int64 { 1 << (3 * Int64(digits)) - 1 }

    /// What does not fit into a header, as records of a pax header; in the order of their keys.
    private func records(_ entry: TarEntry, _ size: Int64) -> [UInt8] {
        var records: [(key: String, value: [UInt8])] = []
        func text(_ value: some CustomStringConvertible) -> [UInt8] { Array(value.description.utf8) }
        for attribute in entry.attributes { records.append(("SCHILY.xattr.\(attribute.name)", attribute.value)) }
        if entry.groupID > Self.octalMax(7) { records.append(("gid", text(entry.groupID))) }
        if !Self.fits(Array(entry.groupName.utf8), 31) { records.append(("gname", text(entry.groupName))) }
        if !Self.fits(entry.target, 100) { records.append(("linkpath", entry.target)) }
        let time = entry.modified
        let isFraction = keepsFractions && time.nanoseconds > 0
        if isFraction || time.seconds < 0 || time.seconds > Self.octalMax(11) {
            records.append(("mtime", text(Self.decimal(time, isFraction))))
        }
        if Self.split(entry.name) == nil { records.append(("path", entry.name)) }
        if size > Self.octalMax(11) { records.append(("size", text(size))) }
        if entry.userID > Self.octalMax(7) { records.append(("uid", text(entry.userID))) }
        if !Self.fits(Array(entry.userName.utf8), 31) { records.append(("uname", text(entry.userName))) }
        records.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return records.flatMap { Self.record($0.key, $0.value) }
    }

    /// `length key=value\n`, where the length counts its own digits.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = key.utf8.count + value.count + 3
        var count = rest + String(rest).utf8.count
        if String(count).utf8.count > String(rest).utf8.count { count = rest + String(count).utf8.count }
        return Array("\(count) \(key)=".utf8) + value + [UInt8(ascii: "\n")]
    }

    private static func decimal(_ time: TarEntry.Time, _ isFraction: Bool) -> String {
        guard isFraction else { return "\(time.seconds)" }
        // Below 0 the fraction counts downwards.
        let isNegative = time.seconds < 0
        let seconds = isNegative ? time.seconds + 1 : time.seconds
        let nanoseconds = isNegative ? 1_000_000_000 - time.nanoseconds : time.nanoseconds
        var digits = String(nanoseconds)
        digits = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(isNegative && seconds == 0 ? "-" : "")\(seconds).\(digits)"
    }

    private static func fits(_ text: [UInt8], _ count: Int) -> Bool {
        text.count <= count && text.allSatisfy { $0 < 0x80 }
    }

    /// The name in its two fields; nil when it does not fit.
    private static func split(_ name: [UInt8]) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        guard name.allSatisfy({ $0 < 0x80 }) else { return nil }
        if name.count <= 100 { return ([], name[...]) }
        // As much as can be into the prefix: the last slash at which both parts fit.
        let most = min(155, name.count - 2)
        guard let slash = name[...most].lastIndex(of: UInt8(ascii: "/")), slash > 0, name.count - slash - 1 <= 100
        else {
            return nil
        }
        return (name[..<slash], name[(slash + 1)...])
    }

    private static func ascii(_ text: [UInt8]) -> [UInt8] {
        Array(text.filter { $0 < 0x80 }.prefix(80))
    }

    private static func type(_ kind: TarEntry.Kind) -> UInt8 {
        switch kind {
        case .file: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symbolicLink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .folder: UInt8(ascii: "5")
        case .pipe: UInt8(ascii: "6")
        case .other(let type): type
        }
    }

    private static func header(_ entry: TarEntry, type: UInt8, _ size: Int64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: TarHeader.byteCount)
        func put(_ text: some Collection<UInt8>, _ start: Int, _ count: Int) {
            for (index, byte) in text.prefix(count).enumerated() { bytes[start + index] = byte }
        }
        /// Octal digits to the last byte but one, which stays NUL; 0 for what stands in the pax header.
        func put(_ number: Int64, _ start: Int, _ count: Int) {
            let shown = (0...octalMax(count - 1)).contains(number) ? number : 0
            let digits = String(shown, radix: 8)
            put((String(repeating: "0", count: count - 1 - digits.utf8.count) + digits).utf8, start, count)
        }
        let name = split(entry.name) ?? ([], ascii(entry.name)[...])
        put(name.name, 0, 100)
        put(name.prefix, 345, 155)
        put(Int64(entry.mode & 0o7777), 100, 8)
        put(entry.userID, 108, 8)
        put(entry.groupID, 116, 8)
        put(size, 124, 12)
        put(entry.modified.seconds, 136, 12)
        bytes[156] = type
        put(fits(entry.target, 100) ? entry.target : ascii(entry.target), 157, 100)
        put("ustar\u{0}00".utf8, 257, 8)
        put(fits(Array(entry.userName.utf8), 31) ? Array(entry.userName.utf8) : [], 265, 32)
        put(fits(Array(entry.groupName.utf8), 31) ? Array(entry.groupName.utf8) : [], 297, 32)
        put(Int64(entry.deviceMajor), 329, 8)
        put(Int64(entry.deviceMinor), 337, 8)
        put("        ".utf8, 148, 8)
        let sum = bytes.reduce(0) { $0 + Int64($1) }
        put(sum, 148, 7)
        bytes[154] = 0
        return bytes
    }
}

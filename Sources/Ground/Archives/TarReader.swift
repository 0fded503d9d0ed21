/// Reads a tar archive from a stream: it is fed bytes as they come, and tells what they mean.
///
/// Read are ustar, the older v7, GNU's long names and large numbers, and pax headers. Sparse files and volumes of a
/// larger archive are refused. What follows the two empty blocks at the end is passed over; an archive without them
/// ends where its bytes do, if that is between two entries: some writers leave them out.
public struct TarReader {
    /// How much of an archive is read.
    public struct Limits: Sendable {
        /// The longest name or target of a link, in bytes.
        public var nameByteCountMax = 4096
        /// The largest pax header, in bytes.
        public var paxByteCountMax = 1 << 20
        /// The most entries.
        public var entryCountMax = 10_000_000
        /// The size of the whole archive, where it is known: no entry may end behind it.
        public var byteCount: Int64?

        /// The limits that suit images.
        public init(byteCount: Int64? = nil) {
            self.byteCount = byteCount
        }
    }

    /// What was read.
    public enum Event {
        /// An entry begins, whose data begins at `offset` bytes.
        case entry(TarEntry, offset: Int64)
        /// Some of the data of the entry; lent until the call returns.
        case data(UnsafeRawBufferPointer)
        /// The data of the entry was all there.
        case entryEnd
    }

    private enum Place {
        /// Collects the bytes of a header.
        case header
        /// Collects the data of a header for the next entry, which is of the type.
        case extra(UInt8, Int)
        /// Passes data on.
        case data(Int64)
        /// Passes over what fills the last block.
        case padding(Int)
        /// Behind the end.
        case end
    }

    private let limits: Limits
    private var place = Place.header
    private var collected: [UInt8] = []
    private var offset: Int64 = 0
    private var entryCount = 0
    private var emptyCount = 0
    private var padding = 0
    private var global = PaxRecords()
    private var local: PaxRecords?
    private var longName: [UInt8]?
    private var longTarget: [UInt8]?

    /// Begins to read.
    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// How many bytes were read.
    public var byteCount: Int64 { offset }

    /// Whether the end of the archive was read.
    public var isAtEnd: Bool { if case .end = place { true } else { false } }

    /// How many of the next bytes are data or padding, so that whoever can may pass over them with ``skip(_:)``.
    public var skippableByteCount: Int64 {
        switch place {
        case .data(let count): count + Int64(padding)
        case .padding(let count): Int64(count)
        default: 0
        }
    }

    /// Reads bytes, and tells `body` what they are.
    ///
    /// - Throws: ``ArchiveError``, after which the reader is of no use; and what `body` throws.
    public mutating func read(_ bytes: UnsafeRawBufferPointer, _ body: (Event) throws -> Void) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let used: Int
            switch place {
            case .header: used = try readHeader(rest, body)
            case .extra(let type, let count): used = try readExtra(rest, type, count)
            case .data(let count):
                used = Int(min(count, Int64(rest.count)))
                try body(.data(UnsafeRawBufferPointer(rebasing: rest.prefix(used))))
                try passData(Int64(used), of: count, body)
            case .padding(let count):
                used = min(count, rest.count)
                place = used == count ? .header : .padding(count - used)
            case .end: used = rest.count
            }
            offset += Int64(used)
            rest = rest.dropFirst(used)
        }
    }

    /// Reads bytes.
    public mutating func read(_ bytes: [UInt8], _ body: (Event) throws -> Void) throws {
        try bytes.withUnsafeBytes { try read($0, body) }
    }

    /// Takes note that bytes were passed over, at most ``skippableByteCount``.
    public mutating func skip(_ count: Int64, _ body: (Event) throws -> Void) throws {
        precondition(count <= skippableByteCount, "only data and padding can be passed over")
        var count = count
        if case .data(let rest) = place {
            let used = min(rest, count)
            try passData(used, of: rest, body)
            offset += used
            count -= used
        }
        if case .padding(let rest) = place, count > 0 {
            place = Int64(rest) == count ? .header : .padding(rest - Int(count))
            offset += count
        }
    }

    /// Says that there are no more bytes.
    ///
    /// - Throws: `truncated`, when they ended in the middle of an entry.
    public func finish() throws(ArchiveError) {
        if case .end = place { return }
        if case .header = place, collected.isEmpty, local == nil, longName == nil, longTarget == nil, offset > 0 {
            return
        }
        throw ArchiveError(
            .truncated,
            offset == 0 ? "it is empty" : "it ends in the middle of an entry",
            offset: offset
        )
    }
}

// MARK: - Parts

extension TarReader {
    private mutating func passData(_ used: Int64, of count: Int64, _ body: (Event) throws -> Void) throws {
        guard used == count else {
            place = .data(count - used)
            return
        }
        place = padding > 0 ? .padding(padding) : .header
        try body(.entryEnd)
    }

    /// Collects up to `count` bytes; true when they are there.
    private mutating func collect(_ rest: Slice<UnsafeRawBufferPointer>, _ count: Int) -> (used: Int, isWhole: Bool) {
        let used = min(count - collected.count, rest.count)
        collected += UnsafeRawBufferPointer(rebasing: rest.prefix(used))
        return (used, collected.count == count)
    }

    private mutating func readHeader(
        _ rest: Slice<UnsafeRawBufferPointer>,
        _ body: (Event) throws -> Void
    ) throws -> Int {
        let start = offset - Int64(collected.count)
        let (used, isWhole) = collect(rest, TarHeader.byteCount)
        guard isWhole else { return used }
        let block = collected
        collected.removeAll(keepingCapacity: true)
        guard block.contains(where: { $0 != 0 }) else {
            emptyCount += 1
            if emptyCount == 2 { place = .end }
            return used
        }
        guard emptyCount == 0 else {
            throw ArchiveError(.malformed, "an entry follows where the archive has ended", offset: start)
        }
        try begin(try TarHeader(block, offset: start), body)
        return used
    }

    private mutating func begin(_ header: TarHeader, _ body: (Event) throws -> Void) throws {
        let size = try header.number(124, 12, "size")
        switch header.type {
        case UInt8(ascii: "L"), UInt8(ascii: "K"):
            try beginExtra(header, size, limits.nameByteCountMax + 1)
        case UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "g"):
            try beginExtra(header, size, limits.paxByteCountMax)
        case UInt8(ascii: "S"):
            throw ArchiveError(.unsupported, "an entry is a sparse file, which is not read", offset: header.offset)
        case UInt8(ascii: "M"):
            throw ArchiveError(.unsupported, "it is a part of a larger archive", offset: header.offset)
        default:
            let entry = try entry(header, size)
            (local, longName, longTarget) = (nil, nil, nil)
            // The header itself is not counted yet.
            let start = header.offset + Int64(TarHeader.byteCount)
            try checkEnd(start, entry.size, header)
            padding = Self.padding(entry.size)
            place = entry.size > 0 ? .data(entry.size) : .header
            try body(.entry(entry, offset: start))
            if entry.size == 0 { try body(.entryEnd) }
        }
    }

    private mutating func beginExtra(_ header: TarHeader, _ size: Int64, _ most: Int) throws(ArchiveError) {
        guard size >= 0, size <= most else {
            throw ArchiveError(.tooLarge, "a header has \(size) bytes, and may have \(most)", offset: header.offset)
        }
        try checkEnd(header.offset + Int64(TarHeader.byteCount), size, header)
        padding = Self.padding(size)
        place = .extra(header.type, Int(size))
        if size == 0 { try takeExtra(header.type, [], header.offset) }
    }

    private mutating func readExtra(
        _ rest: Slice<UnsafeRawBufferPointer>,
        _ type: UInt8,
        _ count: Int
    ) throws(ArchiveError) -> Int {
        let start = offset - Int64(collected.count)
        let (used, isWhole) = collect(rest, count)
        guard isWhole else { return used }
        let bytes = collected
        collected.removeAll(keepingCapacity: true)
        try takeExtra(type, bytes, start)
        return used
    }

    private mutating func takeExtra(_ type: UInt8, _ bytes: [UInt8], _ start: Int64) throws(ArchiveError) {
        place = padding > 0 ? .padding(padding) : .header
        switch type {
        case UInt8(ascii: "L"): longName = Array(bytes.prefix { $0 != 0 })
        case UInt8(ascii: "K"): longTarget = Array(bytes.prefix { $0 != 0 })
        case UInt8(ascii: "g"): try global.read(bytes, offset: start)
        default:
            var records = local ?? global
            try records.read(bytes, offset: start)
            local = records
        }
    }

    private func checkEnd(_ start: Int64, _ size: Int64, _ header: TarHeader) throws(ArchiveError) {
        guard size >= 0, size <= Int64.max - start - 1024 else {
            throw ArchiveError(.malformed, "the size of an entry is \(size)", offset: header.offset)
        }
        if let whole = limits.byteCount, start + size > whole {
            throw ArchiveError(
                .truncated,
                "an entry of \(size) bytes goes on behind the end of the archive",
                offset: header.offset
            )
        }
    }

    /// How many bytes fill the last block of `size` bytes.
    static func padding(_ size: Int64) -> Int {
        Int(-size & Int64(TarHeader.byteCount - 1))
    }
}

// MARK: - Entries

extension TarReader {
    private mutating func entry(_ header: TarHeader, _ stated: Int64) throws(ArchiveError) -> TarEntry {
        entryCount += 1
        guard entryCount <= limits.entryCountMax else {
            throw ArchiveError(.tooLarge, "it has more than \(limits.entryCountMax) entries", offset: header.offset)
        }
        let pax = local ?? global
        let name = pax.path ?? longName ?? header.name
        let target = pax.target ?? longTarget ?? header.text(157, 100)
        for text in [name, target] where text.count > limits.nameByteCountMax {
            throw ArchiveError(.tooLarge, "a name has \(text.count) bytes", offset: header.offset)
        }
        guard !name.isEmpty else { throw ArchiveError(.malformed, "an entry has no name", offset: header.offset) }
        let kind = Self.kind(header, isFolderName: name.last == UInt8(ascii: "/"))
        let isLink = kind == .hardLink || kind == .symbolicLink
        let isDevice = kind == .characterDevice || kind == .blockDevice
        // The names are of no use in v7, whose headers end before them.
        let hasNames = header.form != .v7
        return TarEntry(
            name: name,
            kind: kind,
            size: kind.hasData ? pax.size ?? stated : 0,
            mode: UInt32(truncatingIfNeeded: try header.number(100, 8, "mode")) & 0o7777,
            userID: try Self.or(pax.userID) { () throws(ArchiveError) in try header.number(108, 8, "user") },
            groupID: try Self.or(pax.groupID) { () throws(ArchiveError) in try header.number(116, 8, "group") },
            userName: pax.userName ?? (hasNames ? String(decoding: header.text(265, 32), as: UTF8.self) : ""),
            groupName: pax.groupName ?? (hasNames ? String(decoding: header.text(297, 32), as: UTF8.self) : ""),
            modified: try Self.or(pax.modified) { () throws(ArchiveError) in
                TarEntry.Time(seconds: try header.number(136, 12, "time"))
            },
            target: isLink ? target : [],
            deviceMajor: isDevice ? UInt32(truncatingIfNeeded: try header.number(329, 8, "device")) : 0,
            deviceMinor: isDevice ? UInt32(truncatingIfNeeded: try header.number(337, 8, "device")) : 0,
            attributes: pax.attributes
        )
    }

    /// The value, or that of the header where there is none.
    private static func or<Value>(
        _ value: Value?,
        _ fallback: () throws(ArchiveError) -> Value
    ) throws(ArchiveError) -> Value {
        if let value { return value }
        return try fallback()
    }

    private static func kind(_ header: TarHeader, isFolderName: Bool) -> TarEntry.Kind {
        switch header.type {
        // v7 has no type for folders.
        case 0, UInt8(ascii: "0"): isFolderName ? .folder : .file
        case UInt8(ascii: "7"): .file
        case UInt8(ascii: "1"): .hardLink
        case UInt8(ascii: "2"): .symbolicLink
        case UInt8(ascii: "3"): .characterDevice
        case UInt8(ascii: "4"): .blockDevice
        case UInt8(ascii: "5"): .folder
        case UInt8(ascii: "6"): .pipe
        default: .other(header.type)
        }
    }
}

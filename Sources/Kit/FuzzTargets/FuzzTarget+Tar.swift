import Archives

extension FuzzTarget {
    /// An archive means the same however its bytes come, no entry has other data than it says, no path leads out, and
    /// what was read can be written and read again.
    static func checkTar(_ bytes: [UInt8]) throws(Violation) {
        try checkArchive(bytes)
        // With the right checksums, which no fuzzer guesses.
        try checkArchive(withChecksums(bytes))
    }

    private static func checkArchive(_ bytes: [UInt8]) throws(Violation) {
        let whole = ReadTar(bytes, pieceByteCount: bytes.count)
        for count in [1, 100, 513] {
            try require(ReadTar(bytes, pieceByteCount: count) == whole, "pieces of \(count) bytes mean the same")
        }
        try require(ReadTar(skippingIn: bytes)?.names ?? whole.names == whole.names, "what is skipped means the same")
        for read in whole.entries {
            let entry = read.entry
            try require(!entry.name.isEmpty && entry.size >= 0, "an entry has a name and a size: \(entry)")
            try require(!read.isWhole || Int64(read.data.count) == entry.size, "\(entry.path) has the data it says")
            let lies = read.offset >= 0 && read.offset <= Int64(bytes.count)
            try require(lies, "the data of \(entry.path) begins in the archive")
            if let components = try? EntryPath.components(of: entry.name) { try checkPath(components) }
            if read.isWhole { try checkRoundTrip(read) }
        }
    }

    /// No component leads elsewhere.
    static func checkPath(_ components: [[UInt8]]) throws(Violation) {
        for component in components {
            let isPlain =
                !component.isEmpty && component != [0x2E] && component != [0x2E, 0x2E]
                && !component.contains(0) && !component.contains(0x2F)
                && component.count <= EntryPath.componentByteCountMax
            try require(isPlain, "\(String(decoding: component, as: UTF8.self)) is the name of a file")
        }
    }

    private static func checkRoundTrip(_ read: ReadTar.Entry) throws(Violation) {
        var entry = read.entry
        // The form that is written has no room for these.
        let isFolderName = entry.name.last == UInt8(ascii: "/")
        guard entry.deviceMajor < 1 << 21, entry.deviceMinor < 1 << 21, entry.kind == .folder || !isFolderName,
            !(entry.userName + entry.groupName).utf8.contains(0)
        else { return }
        var writer = TarWriter(keepsFractions: true)
        guard let written = try? writer.whole(entry, read.data) else { return }
        if entry.kind == .folder, !isFolderName { entry.name.append(UInt8(ascii: "/")) }
        let again = ReadTar(written + writer.finish(), pieceByteCount: 512)
        try require(again.error == nil && again.entries.count == 1, "\(entry.path) is read as it was written")
        // They are written in the order of their names.
        entry.attributes.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        try require(again.entries.first?.entry == entry, "\(entry) is read as \(again.entries)")
        try require(again.entries.first?.data == read.data, "\(entry.path) has its data")
    }

    /// The same blocks, with the checksum in each that may be a header.
    static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for start in stride(from: 0, to: bytes.count - 511, by: 512) {
            let block = bytes[start..<(start + 512)]
            // A short record of a pax header has nothing there.
            guard block[(start + 148)..<(start + 156)].contains(where: { $0 != 0 }) else { continue }
            let field = (start + 148)..<(start + 156)
            bytes.replaceSubrange(field, with: repeatElement(0x20, count: 8))
            let sum = bytes[start..<(start + 512)].reduce(0) { $0 + Int($1) }
            let digits = String(sum, radix: 8)
            let text = String(repeating: "0", count: 6 - digits.utf8.count) + digits
            bytes.replaceSubrange((start + 148)..<(start + 154), with: text.utf8)
            bytes[start + 154] = 0
        }
        return bytes
    }
}

/// What a reader tells of an archive, up to its end or to an error.
struct ReadTar: Equatable {
    struct Entry: Equatable {
        var entry: TarEntry
        var offset: Int64
        var data: [UInt8] = []
        var isWhole = false
    }

    private(set) var entries: [Entry] = []
    private(set) var error: ArchiveError?

    var names: [[UInt8]] { entries.map(\.entry.name) }

    init(_ bytes: [UInt8], pieceByteCount: Int) {
        var reader = TarReader()
        do {
            for start in stride(from: 0, to: bytes.count, by: max(1, pieceByteCount)) {
                try reader.read(Array(bytes[start..<min(bytes.count, start + pieceByteCount)])) { take($0) }
            }
            try reader.finish()
        } catch {
            self.error = error as? ArchiveError
        }
    }

    /// Reads headers alone, as who looks for a file does; nil where it ends with an error.
    init?(skippingIn bytes: [UInt8]) {
        var reader = TarReader(limits: TarReader.Limits(byteCount: Int64(bytes.count)))
        do {
            while reader.byteCount < bytes.count, !reader.isAtEnd {
                let skippable = min(reader.skippableByteCount, Int64(bytes.count) - reader.byteCount)
                if skippable > 0 {
                    try reader.skip(skippable) { take($0) }
                } else {
                    let start = Int(reader.byteCount)
                    try reader.read(Array(bytes[start..<min(bytes.count, start + 512)])) { take($0) }
                }
            }
            try reader.finish()
        } catch {
            return nil
        }
    }

    private mutating func take(_ event: TarReader.Event) {
        switch event {
        case .entry(let entry, let offset): entries.append(Entry(entry: entry, offset: offset))
        case .data(let bytes): entries[entries.count - 1].data += bytes
        case .entryEnd: entries[entries.count - 1].isWhole = true
        }
    }
}

/// The 512 bytes before an entry (POSIX.1-2001 ustar; the GNU and v7 forms of it).
///
///     offset   0: name, 100 bytes       offset 257: magic and version, 8 bytes
///     offset 100: mode, 8               offset 265: user name, 32
///     offset 108: user, 8               offset 297: group name, 32
///     offset 116: group, 8              offset 329: device major, 8
///     offset 124: size, 12              offset 337: device minor, 8
///     offset 136: modified, 12          offset 345: prefix of the name, 155 (not in the GNU form)
///     offset 148: checksum, 8           offset 500: unused
///     offset 156: type, 1
///     offset 157: target of a link, 100
struct TarHeader {
    static let byteCount = 512

    enum Form {
        case v7, ustar, gnu
    }

    let bytes: [UInt8]
    let offset: Int64

    /// Takes the bytes of a header whose checksum is right.
    init(_ bytes: [UInt8], offset: Int64) throws(ArchiveError) {
        self.bytes = bytes
        self.offset = offset
        // Some old writers added signed bytes.
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in bytes.enumerated() {
            let counted = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
            unsigned += Int64(counted)
            signed += Int64(Int8(bitPattern: counted))
        }
        let stated = try number(148, 8, "checksum")
        guard stated == unsigned || stated == signed else {
            throw ArchiveError(
                .malformed,
                "the checksum of a header is wrong: it is no tar archive, or damaged",
                offset: offset
            )
        }
    }

    var type: UInt8 { bytes[156] }

    var form: Form {
        let magic = bytes[257..<265]
        if magic.elementsEqual("ustar  \0".utf8) { return .gnu }
        return magic.starts(with: "ustar\0".utf8) ? .ustar : .v7
    }

    /// The bytes of a field up to the first NUL.
    func text(_ start: Int, _ count: Int) -> [UInt8] {
        Array(bytes[start..<(start + count)].prefix { $0 != 0 })
    }

    var name: [UInt8] {
        let name = text(0, 100)
        let prefix = form == .ustar ? text(345, 155) : []
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    /// A number: octal digits with space or NUL around them, or, with the first bit set, base 256.
    func number(_ start: Int, _ count: Int, _ field: StaticString) throws(ArchiveError) -> Int64 {
        let raw = bytes[start..<(start + count)]
        if let first = raw.first, first & 0x80 != 0 { return try binary(raw, field) }
        var digits = raw.drop { $0 == UInt8(ascii: " ") || $0 == 0 }
        while let last = digits.last, last == UInt8(ascii: " ") || last == 0 { digits.removeLast() }
        var value: Int64 = 0
        for byte in digits {
            guard (0x30...0x37).contains(byte), value <= Int64.max >> 3 else { throw bad(field) }
            value = value << 3 | Int64(byte - 0x30)
        }
        return value
    }

    /// Two's complement, big-endian, without the first bit.
    private func binary(_ raw: ArraySlice<UInt8>, _ field: StaticString) throws(ArchiveError) -> Int64 {
        let isNegative = raw[raw.startIndex] & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in raw.enumerated() {
            let digit = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7F) : byte
            guard value >= Int64.min >> 8, value <= Int64.max >> 8 else { throw bad(field) }
            value = value << 8 | Int64(digit)
        }
        return value
    }

    private func bad(_ field: StaticString) -> ArchiveError {
        ArchiveError(.malformed, "the \(field) of a header is no number", offset: offset)
    }
}

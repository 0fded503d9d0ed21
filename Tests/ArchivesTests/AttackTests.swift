import Testing

@testable import Archives

/// Archives that are made to bring a reader down, or to keep it busy.
@Suite struct AttackTests {
    /// A header of a type with a size field, and its checksum made right.
    private static func header(_ type: Character, size: [UInt8]) throws -> [UInt8] {
        var writer = TarWriter()
        var bytes = try Array(writer.whole(TarEntry(path: "a")).prefix(512))
        bytes[156] = type.asciiValue ?? 0
        bytes.replaceSubrange(124..<136, with: size)
        bytes.replaceSubrange(148..<156, with: "        ".utf8)
        let digits = String(bytes.reduce(0) { $0 + Int($1) }, radix: 8)
        let field = String(repeating: "0", count: 6 - digits.utf8.count) + digits + "\0 "
        bytes.replaceSubrange(148..<156, with: field.utf8)
        return bytes
    }

    private static func octal(_ size: Int) -> [UInt8] {
        let digits = String(size, radix: 8)
        return Array((String(repeating: "0", count: 11 - digits.utf8.count) + digits + "\0").utf8)
    }

    private static func pax(_ records: [UInt8]) throws -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: TarReader.padding(Int64(records.count)))
        return try header("x", size: octal(records.count)) + records + padding
    }

    @Test func `the least number that there is ends no program as a size`() throws {
        let least: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]
        #expect(throws: ArchiveError(.malformed, "")) { try ReadArchive(Self.header("0", size: least)) }
        let records = Array("29 size=-9223372036854775808\n".utf8)
        let bytes = try Self.pax(records) + Self.header("0", size: Self.octal(0))
        #expect(throws: ArchiveError(.malformed, "")) { try ReadArchive(bytes) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hundred thousand attributes are refused, and not compared with each other`() throws {
        var records: [UInt8] = []
        for number in 0..<38_000 { records += "27 SCHILY.xattr.\(100_000_000 + number)=\n".utf8 }
        let bytes = try Self.pax(records) + Self.header("0", size: Self.octal(0))
        #expect(throws: ArchiveError(.tooLarge, "")) { try ReadArchive(bytes) }
    }

    @Test func `attributes of one entry have a limit, however many headers bring them`() throws {
        var bytes: [UInt8] = []
        for number in 0..<3 {
            let value = String(repeating: "v", count: 500_000)
            bytes += try Self.pax(Array("500023 SCHILY.xattr.\(number)=\(value)\n".utf8))
        }
        bytes += try Self.header("0", size: Self.octal(0))
        #expect(throws: ArchiveError(.tooLarge, "")) { try ReadArchive(bytes) }
    }
}

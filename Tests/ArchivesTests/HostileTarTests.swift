import RegistryTesting
import Testing

@testable import Archives

/// Archives that lie.
///
/// Each is refused with a sentence, and nothing is read beyond its limits.
@Suite struct HostileTarTests {
    /// A header of one file with some of its bytes changed, and its checksum made right again.
    private static func header(_ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        var writer = TarWriter()
        var bytes = try writer.whole(TarEntry(path: "a"))
        change(&bytes)
        bytes.replaceSubrange(148..<156, with: "        ".utf8)
        let digits = String(bytes.prefix(512).reduce(0) { $0 + Int($1) }, radix: 8)
        let field = String(repeating: "0", count: 6 - digits.utf8.count) + digits + "\0 "
        bytes.replaceSubrange(148..<156, with: field.utf8)
        return bytes
    }

    private static func extra(_ type: Character, _ data: [UInt8]) throws -> [UInt8] {
        let head = try header { bytes in
            bytes[156] = type.asciiValue ?? 0
            let size = String(data.count, radix: 8)
            let digits = String(repeating: "0", count: 11 - size.utf8.count) + size
            bytes.replaceSubrange(124..<135, with: digits.utf8)
        }
        return head + data + [UInt8](repeating: 0, count: TarReader.padding(Int64(data.count)))
    }

    private static func pax(_ records: String) throws -> [UInt8] {
        try extra("x", Array(records.utf8)) + header { _ in }
    }

    private func demand(_ code: ArchiveError.Code, _ bytes: [UInt8], _ comment: Comment) {
        #expect(throws: ArchiveError(code, ""), comment) { try ReadArchive(bytes, limits: .init(byteCount: 1 << 20)) }
    }

    @Test func `what is no archive is refused by its checksum`() throws {
        demand(.malformed, [UInt8](repeating: 1, count: 1024), "not a tar")
        var bytes = try Self.header { _ in }
        bytes[3] ^= 1
        demand(.malformed, bytes, "a bit of the name")
    }

    @Test func `numbers that are none, negative or too large are refused`() throws {
        let large: [[UInt8]] = [
            [0xFF] + [UInt8](repeating: 0xFF, count: 11),
            [0x80] + [UInt8](repeating: 0, count: 3) + [0x7F] + [UInt8](repeating: 0xFF, count: 7),
            [0x81] + [UInt8](repeating: 0, count: 11),
        ]
        for size in large {
            let bytes = try Self.header { $0.replaceSubrange(124..<136, with: size) }
            #expect(throws: ArchiveError.self, "\(size)") { try ReadArchive(bytes) }
        }
        let far = try Self.header { $0.replaceSubrange(124..<136, with: "77777777777\0".utf8) }
        demand(.truncated, far, "behind the end of the archive")
        demand(
            .malformed,
            try Self.header { $0.replaceSubrange(124..<136, with: "9x".utf8 + [UInt8](repeating: 0, count: 10)) },
            "digits"
        )
    }

    @Test func `pax headers that are none are refused`() throws {
        for records in [
            "6 a=b", "6 a=b\n7 a=b\n", "0 a=b\n", "x", "5 a=b\n", "99999999999 a=b\n", "4 =\n", "5 ab\n",
            "6  =b\n ",
            "10 size=-\n", "11 size=1x\n", "11 mtime=x\n", "12 path=a\0b\n", "30 size=99999999999999999999\n",
        ] {
            demand(.malformed, try Self.pax(records), "\(records.debugDescription)")
        }
        demand(.malformed, try Self.pax("11 size=-1\n"), "a negative size")
        demand(.truncated, try Self.pax("28 size=9223372036854770000\n"), "a size behind the end")
        demand(.malformed, try Self.pax("28 size=9223372036854775807\n"), "a size that would overflow")
    }

    @Test func `names and headers have a limit`() throws {
        demand(.tooLarge, try Self.extra("L", [UInt8](repeating: 0x61, count: 5000)), "a long GNU name")
        demand(.tooLarge, try Self.pax("5011 path=" + String(repeating: "n", count: 5000) + "\n"), "a long pax name")
        let huge = try Self.header { bytes in
            bytes[156] = UInt8(ascii: "x")
            bytes.replaceSubrange(124..<135, with: "00007777777".utf8)
        }
        demand(.tooLarge, huge, "a large pax header")
        var limits = TarReader.Limits()
        limits.entryCountMax = 2
        let many = try Self.header { _ in } + Self.header { _ in } + Self.header { _ in }
        #expect(throws: ArchiveError(.tooLarge, "")) { try ReadArchive(many, limits: limits) }
    }

    @Test func `an entry behind the first empty block, and one without a name, are refused`() throws {
        demand(.malformed, try [UInt8](repeating: 0, count: 512) + Self.header { _ in }, "behind the end")
        demand(.malformed, try Self.header { $0[0] = 0 }, "without a name")
    }

    @Test func `a link with a size has no data all the same, as Go reads it`() throws {
        let link = try Self.header { bytes in
            bytes[156] = UInt8(ascii: "2")
            bytes.replaceSubrange(124..<135, with: "00000001000".utf8)
        }
        let read = try ReadArchive(link + Self.header { _ in })
        #expect(read.lines == ["a symbolicLink 0 ", "a file 0 "])
    }

    @Test(arguments: ["gnu", "posix"])
    func `sparse files are refused, not misread`(format: String) async throws {
        let folder = try TemporaryFolder()
        try await Command("truncate", ["--size", "1M", "\(folder.path)/hole"]).output()
        let file = "\(folder.path)/a.tar"
        try await Command("tar", ["-cSf", file, "--format", format, "-C", folder.path, "hole"]).output()
        let bytes = try [UInt8](file: file)
        #expect(throws: ArchiveError(.unsupported, "")) { try ReadArchive(bytes) }
    }

    @Test func `random damage never does more than end the reading`() async throws {
        let bytes = try await TarSample().archive("posix")
        var random = SeededGenerator(seed: TestSeed.run)
        for _ in 0..<2000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 0..<damaged.count, using: &random)
                damaged[position] = UInt8.random(in: 0...255, using: &random)
            }
            guard let read = try? ReadArchive(damaged) else { continue }
            #expect(read.data.reduce(0) { $0 + $1.count } <= bytes.count, "seed \(TestSeed.run)")
        }
    }

    @Test(arguments: [
        ("a/b", ["a", "b"]), ("./a//b/./", ["a", "b"]), ("./", []), (".", []), ("a/...", ["a", "..."]),
    ])
    func `names of entries become components`(name: String, components: [String]) throws {
        #expect(try EntryPath.components(of: name).map { String(decoding: $0, as: UTF8.self) } == components)
    }

    @Test(arguments: ["", "/", "/a", "..", "a/../b", "a/..", "../a", "a\0b", String(repeating: "n", count: 256)])
    func `names that could lead out of the folder are refused`(name: String) {
        #expect(throws: ArchiveError(.unsafePath, "")) { try EntryPath.components(of: name) }
    }
}

import RegistryTesting
import Testing

@testable import Archives

@Suite struct TarWriterTests {
    /// Entries that fit, entries that need a pax header for each reason there is.
    private static let entries: [TarEntry] = {
        let long = Array(repeating: "folder", count: 20).joined(separator: "/")
        var entries = [
            TarEntry(path: "plain", size: 3), TarEntry(path: "dir/", kind: .folder, mode: 0o755),
            TarEntry(path: "link", kind: .symbolicLink, target: "plain"),
            TarEntry(path: "hard", kind: .hardLink, target: "plain"),
            TarEntry(path: "\(long)/split-into-two-fields", size: 3),
            TarEntry(path: String(repeating: "n", count: 101), size: 3),
            TarEntry(path: "ümläut"),
            TarEntry(path: "far", kind: .symbolicLink, target: String(repeating: "t", count: 200)),
        ]
        var owned = TarEntry(path: "owned", mode: 0o4755)
        (owned.userID, owned.groupID, owned.userName, owned.groupName) = (1 << 22, 3_000_000, "jürgen", "g")
        owned.modified = TarEntry.Time(seconds: -2, nanoseconds: 500_000_000)
        owned.attributes = [.init(name: "security.capability", value: [1, 0, 0, 2, 10, 61])]
        var device = TarEntry(path: "null", kind: .characterDevice, mode: 0o666)
        (device.deviceMajor, device.deviceMinor) = (1, 3)
        var late = TarEntry(path: "late")
        late.modified = TarEntry.Time(seconds: 1 << 34)
        entries += [owned, device, late, TarEntry(path: "pipe", kind: .pipe)]
        return entries
    }()

    private static func archive(_ entries: [TarEntry], keepsFractions: Bool = true) throws -> [UInt8] {
        var writer = TarWriter(keepsFractions: keepsFractions)
        var bytes: [UInt8] = []
        for entry in entries { bytes += try writer.whole(entry, [UInt8](repeating: 7, count: Int(entry.size))) }
        return bytes + writer.finish()
    }

    @Test func `what is written is read back, and is the same each time`() throws {
        let bytes = try Self.archive(Self.entries)
        #expect(try ReadArchive(bytes).entries == Self.entries)
        #expect(try Self.archive(Self.entries) == bytes)
        #expect(bytes.count % 512 == 0)
    }

    @Test func `GNU tar lists what is written`() async throws {
        let folder = try TemporaryFolder()
        try Self.archive(Self.entries).write(to: "\(folder.path)/a.tar")
        let command = Command("tar", ["-tf", "\(folder.path)/a.tar", "--quoting-style=literal"])
        let names = try await command.output().split(separator: "\n").map(String.init)
        #expect(names == Self.entries.map(\.path))
    }

    @Test func `Python reads the same facts`() async throws {
        let folder = try TemporaryFolder()
        try Self.archive(Self.entries).write(to: "\(folder.path)/a.tar")
        let script = """
            import tarfile
            for entry in tarfile.open("\(folder.path)/a.tar"):
                print(entry.name, entry.size, oct(entry.mode), entry.uid, entry.gid, entry.uname, entry.mtime,
                    entry.linkname, entry.devmajor, entry.devminor, sep="|")
            """
        let lines = try await Command("/usr/bin/python3", ["-c", script]).output().split(separator: "\n")
        #expect(lines.contains("plain|3|0o644|0|0||0||0|0"))
        #expect(lines.contains("dir|0|0o755|0|0||0||0|0"))
        #expect(lines.contains("hard|0|0o644|0|0||0|plain|0|0"))
        #expect(lines.contains("owned|0|0o4755|4194304|3000000|jürgen|-1.5||0|0"))
        #expect(lines.contains("null|0|0o666|0|0||0||1|3"))
        #expect(lines.contains("late|0|0o644|0|0||17179869184.0||0|0"))
        #expect(lines.count == Self.entries.count)
    }

    @Test func `an entry that fits has no pax header, and fractions only when they are wanted`() throws {
        var entry = TarEntry(path: "a")
        entry.modified = TarEntry.Time(seconds: 5, nanoseconds: 120_000_000)
        #expect(try Self.archive([entry], keepsFractions: false).count == 512 + 1024)
        #expect(try Self.archive([entry]).count == 3 * 512 + 1024)
        #expect(try ReadArchive(Self.archive([entry])).entries == [entry])
    }

    @Test func `the size of a large entry goes into a pax header`() throws {
        var writer = TarWriter()
        let size: Int64 = 1 << 33
        let head = try writer.begin(TarEntry(path: "large", size: size))
        #expect(head.count == 3 * 512)
        #expect(String(decoding: head, as: UTF8.self).contains("19 size=8589934592\n"))
        var reader = TarReader()
        var sizes: [Int64] = []
        try reader.read(head) { if case .entry(let entry, _) = $0 { sizes.append(entry.size) } }
        #expect(sizes == [size])
    }

    @Test func `what no archive can hold is refused`() {
        for entry in [TarEntry(path: ""), TarEntry(path: "a\0b"), TarEntry(path: "a", target: "b\0")] {
            #expect(throws: ArchiveError(.malformed, "")) { try Self.archive([entry]) }
        }
    }
}

import RegistryTesting
import Testing

@testable import Archives

@Suite struct TarReaderTests {
    @Test(arguments: ["gnu", "oldgnu", "posix"])
    func `archives of GNU tar are read, in all its formats`(format: String) async throws {
        let sample = try await TarSample()
        let bytes = try await sample.archive(format)
        let read = try ReadArchive(bytes)
        #expect(read.lines == TarSample.expected)
        #expect(read.data[1] == SampleBlob(count: 70_000, seed: 1).bytes)
        #expect(read.data[7] == Array("long\n".utf8))
        #expect(
            read.entries.allSatisfy { $0.userName == "root" && $0.userID == 0 && $0.modified.seconds == 1_700_000_000 }
        )
        #expect(read.entries[1].mode == 0o644)
        #expect(read.entries[1].modified.nanoseconds == (format == "posix" ? 250_000_000 : 0))
        // The offsets are those of the data, so that a file can be read in part.
        let start = Int(read.offsets[1])
        #expect(Array(bytes[start..<(start + 70_000)]) == read.data[1])
    }

    @Test(arguments: ["v7", "ustar"])
    func `the formats that have no long names are read as well`(format: String) async throws {
        let sample = try await TarSample()
        let bytes = try await sample.archive(format, "--exclude=long-link", "--exclude=nn*", "--exclude=fifo")
        let short = TarSample.expected.filter { !$0.contains("nnn") && !$0.contains("t/t/") && !$0.contains("fifo") }
        #expect(try ReadArchive(bytes).lines == short)
    }

    @Test func `hard links, devices and attributes are read`() async throws {
        let folder = try TemporaryFolder()
        let script = """
            import tarfile
            with tarfile.open("\(folder.path)/a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
                device = tarfile.TarInfo("null")
                device.type, device.devmajor, device.devminor, device.mode = tarfile.CHRTYPE, 1, 3, 0o20666
                archive.addfile(device)
                link = tarfile.TarInfo("other")
                link.type, link.linkname = tarfile.LNKTYPE, "null"
                archive.addfile(link)
                big = tarfile.TarInfo("owned")
                big.uid, big.gid, big.uname = 5_000_000_000, 3_000_000, "jürgen"
                big.mtime = -1.5
                big.pax_headers = {"SCHILY.xattr.user.note": "a=b", "comment": "x"}
                archive.addfile(big)
            """
        try await Command("/usr/bin/python3", ["-c", script]).output()
        let read = try ReadArchive([UInt8](file: "\(folder.path)/a.tar"))
        #expect(read.lines == ["null characterDevice 0 ", "other hardLink 0 null", "owned file 0 "])
        #expect([read.entries[0].deviceMajor, read.entries[0].deviceMinor, read.entries[0].mode] == [1, 3, 0o666])
        let owned = read.entries[2]
        #expect([owned.userID, owned.groupID] == [5_000_000_000, 3_000_000])
        #expect(owned.userName == "jürgen")
        #expect(owned.modified == TarEntry.Time(seconds: -2, nanoseconds: 500_000_000))
        #expect(owned.attributes == [TarEntry.Attribute(name: "user.note", value: Array("a=b".utf8))])
    }

    @Test func `a global pax header counts for all entries, and an entry's own over it`() async throws {
        let folder = try TemporaryFolder()
        let script = """
            import tarfile
            path, headers = "\(folder.path)/a.tar", {"uname": "glöbal"}
            with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, pax_headers=headers) as a:
                a.addfile(tarfile.TarInfo("first"))
                second = tarfile.TarInfo("second")
                second.pax_headers = {"uname": "own"}
                a.addfile(second)
                a.addfile(tarfile.TarInfo("third"))
            """
        try await Command("/usr/bin/python3", ["-c", script]).output()
        let read = try ReadArchive([UInt8](file: "\(folder.path)/a.tar"))
        #expect(read.entries.map(\.userName) == ["glöbal", "own", "glöbal"])
    }

    @Test(arguments: [1, 7, 511, 512, 513, 10_000])
    func `how an archive is cut into pieces does not matter`(piece: Int) async throws {
        let bytes = try await TarSample().archive("posix")
        #expect(try ReadArchive(bytes, piece: piece) == ReadArchive(bytes))
    }

    @Test func `data can be passed over`() async throws {
        let bytes = try await TarSample().archive("gnu")
        var reader = TarReader(limits: .init(byteCount: Int64(bytes.count)))
        var names: [String] = []
        var position = 0
        func take(_ event: TarReader.Event) {
            if case .entry(let entry, _) = event { names.append(entry.path) }
        }
        while position < bytes.count {
            let skippable = Int(reader.skippableByteCount)
            if skippable > 0 {
                try reader.skip(Int64(skippable), take)
                position += skippable
            } else {
                try reader.read(Array(bytes[position..<min(position + 512, bytes.count)]), take)
                position = Int(reader.byteCount)
            }
        }
        try reader.finish()
        #expect(names == TarSample.expected.compactMap { $0.split(separator: " ").first.map(String.init) })
    }

    @Test func `an archive without the blocks at its end is read`() throws {
        var writer = TarWriter()
        let bytes = try writer.whole(TarEntry(path: "a"), [1, 2, 3])
        #expect(try ReadArchive(bytes).lines == ["a file 3 "])
        #expect(try ReadArchive(bytes + TarWriter.trailer + [1, 2, 3]).lines == ["a file 3 "])
    }

    @Test func `an archive that ends anywhere else is refused`() async throws {
        var writer = TarWriter()
        let name = String(repeating: "n", count: 150)
        let bytes = try writer.whole(TarEntry(path: name), [UInt8](repeating: 1, count: 600))
        for count in 0..<bytes.count {
            #expect(throws: ArchiveError(.truncated, "")) { try ReadArchive(Array(bytes.prefix(count))) }
        }
    }
}

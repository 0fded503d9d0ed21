import RegistryTesting
import Testing

@testable import Archives

@Suite struct CompressionTests {
    /// Bytes that compress somewhat: random ones, and many of the same.
    static func content(_ count: Int) -> [UInt8] {
        let random = SampleBlob(count: 1000, seed: 5).bytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 2000)
        var number = 0
        while bytes.count < count {
            number += 1
            bytes += random.prefix(number % 700)
            bytes += Array("entry \(number % 97) of many ".utf8)
        }
        return Array(bytes.prefix(count))
    }

    static func compressed(
        _ bytes: [UInt8],
        _ format: ArchiveFormat,
        level: Int? = nil,
        piece: Int = .max,
        isParallel: Bool = false
    ) throws -> [UInt8] {
        try packed(bytes, Compressor(format, level: level, isParallel: isParallel), piece: piece)
    }

    static func packed(_ bytes: [UInt8], _ compressor: Compressor, piece: Int = .max) throws -> [UInt8] {
        var result: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = start + min(piece, bytes.count - start)
            try compressor.write(Array(bytes[start..<end])) { result += $0 }
            start = end
        }
        try compressor.finish { result += $0 }
        return result
    }

    static func unpacked(_ bytes: [UInt8], piece: Int = .max, limit: ExpansionLimit = .none) throws -> [UInt8] {
        let decompressor = try Decompressor(limit: limit)
        var result: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = start + min(piece, bytes.count - start)
            try decompressor.read(Array(bytes[start..<end])) { result += $0 }
            start = end
        }
        try decompressor.finish { result += $0 }
        return result
    }

    @Test(arguments: ArchiveFormat.allCases, [0, 1, 5, 6, 7, 100_000, 3_000_000])
    func `what is compressed is unpacked again, however it is cut`(format: ArchiveFormat, count: Int) throws {
        let bytes = Self.content(count)
        let whole = try Self.compressed(bytes, format)
        #expect(try Self.compressed(bytes, format, piece: 7777) == whole)
        #expect(try Self.unpacked(whole) == bytes)
        #expect(try Self.unpacked(whole, piece: 1 + whole.count / 50) == bytes)
        if count < 200_000 { #expect(try Self.unpacked(whole, piece: 1) == bytes) }
    }

    @Test(arguments: [("gzip", "gz", 1), ("gzip", "gz", 9), ("zstd", "zst", 3)])
    func `the tools of others read what is written, and the other way round`(
        tool: String,
        ending: String,
        level: Int
    ) async throws {
        let bytes = Self.content(2_000_000)
        let folder = try TemporaryFolder()
        let format: ArchiveFormat = tool == "gzip" ? .gzip : .zstd
        try Self.compressed(bytes, format, level: level).write(to: "\(folder.path)/a.\(ending)")
        try await Command(tool, ["-q", "-d", "-k", "\(folder.path)/a.\(ending)"]).output()
        #expect(try [UInt8](file: "\(folder.path)/a") == bytes)
        try await Command(tool, ["-q", "-f", "-k", "-\(level)", "\(folder.path)/a"]).output()
        #expect(try Self.unpacked([UInt8](file: "\(folder.path)/a.\(ending)")) == bytes)
    }

    @Test func `several members and frames are one stream, and zeros may follow gzip`() throws {
        let (first, second) = (Self.content(70_000), Array("more".utf8))
        for format in [ArchiveFormat.gzip, .zstd] {
            let both =
                try Self.compressed(first, format) + Self.compressed(second, format) + Self.compressed([], format)
            #expect(try Self.unpacked(both) == first + second)
            #expect(try Self.unpacked(both, piece: 1) == first + second)
        }
        let padded = try Self.compressed(second, .gzip) + [UInt8](repeating: 0, count: 700)
        #expect(try Self.unpacked(padded, piece: 3) == second)
        // A frame to be skipped, and then one with content.
        let skipped: [UInt8] = [0x51, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9]
        #expect(try Self.unpacked(skipped + Self.compressed(second, .zstd)) == second)
    }

    @Test(arguments: [ArchiveFormat.gzip, .zstd])
    func `a stream that ends too soon is refused, wherever that is`(format: ArchiveFormat) throws {
        let whole = try Self.compressed(Array("some content that is short".utf8), format)
        for count in 4..<whole.count {
            #expect(throws: ArchiveError(.truncated, ""), "\(count) of \(whole.count)") {
                try Self.unpacked(Array(whole.prefix(count)))
            }
        }
    }

    @Test(arguments: [ArchiveFormat.gzip, .zstd])
    func `damage and what follows the end are found`(format: ArchiveFormat) throws {
        let bytes = Self.content(10_000)
        var whole = try Self.compressed(bytes, format)
        #expect(throws: ArchiveError(.malformed, "")) { try Self.unpacked(whole + Array("more".utf8)) }
        whole[whole.count / 2] ^= 0x10
        #expect(throws: ArchiveError.self) {
            // The checksum at the end finds what the format does not.
            guard try Self.unpacked(whole) == bytes else { throw ArchiveError(.malformed, "wrong bytes") }
        }
    }

    @Test(arguments: [ArchiveFormat.gzip, .zstd])
    func `what unpacks to too much is refused before it does`(format: ArchiveFormat) throws {
        let bomb = try Self.compressed([UInt8](repeating: 0, count: 20_000_000), format)
        let byRatio = ExpansionLimit(ratioMax: 100, byteCountFree: 1 << 20)
        let byCount = ExpansionLimit(byteCountMax: 5_000_000)
        for limit in [byRatio, byCount] {
            var most = 0
            let decompressor = try Decompressor(limit: limit)
            #expect(throws: ArchiveError(.tooLarge, "")) { try decompressor.read(bomb) { most += $0.count } }
            #expect(most <= 6_000_000)
        }
        let honest = Self.content(3_000_000)
        #expect(try Self.unpacked(Self.compressed(honest, format), limit: byRatio) == honest)
    }

    @Test func `compressions that are not read are named`() {
        for magic in [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], Array("BZh91A".utf8)] as [[UInt8]] {
            #expect(throws: ArchiveError(.unsupported, "")) { try Self.unpacked(magic + [1, 2, 3]) }
        }
    }

    @Test func `gzip's header says nothing of the machine`() throws {
        #expect(try Self.compressed([1], .gzip).prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
        #expect(throws: ArchiveError(.unsupported, "")) { try Compressor(.gzip, level: 10) }
    }
}

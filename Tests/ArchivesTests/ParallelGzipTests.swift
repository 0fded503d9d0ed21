import RegistryTesting
import Testing

@testable import Archives

@Suite struct ParallelGzipTests {
    private static func packed(_ bytes: [UInt8], processors: Int, piece: Int = .max) throws -> [UInt8] {
        let packing = ParallelGzip(level: 6, processorCount: processors)
        var result: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = start + min(piece, bytes.count - start)
            try bytes[start..<end].withUnsafeBytes { try packing.pack($0) { result += $0 } }
            start = end
        }
        try packing.finish { result += $0 }
        return result
    }

    @Test(arguments: [0, 1, 262_143, 262_144, 262_145, 2_097_152, 2_097_153, 5_000_000])
    func `the number of processors and the pieces change nothing`(count: Int) throws {
        let bytes = CompressionTests.content(count)
        let one = try Self.packed(bytes, processors: 1)
        for processors in [2, 3, 8] { #expect(try Self.packed(bytes, processors: processors) == one) }
        #expect(try Self.packed(bytes, processors: 2, piece: 65_521) == one)
        #expect(try CompressionTests.unpacked(one) == bytes)
        #expect(try CompressionTests.compressed(bytes, .gzip, isParallel: true) == one)
    }

    @Test func `gzip and Python read it, and it is hardly larger than one stream`() async throws {
        let bytes = CompressionTests.content(5_000_000)
        let folder = try TemporaryFolder()
        let packed = try Self.packed(bytes, processors: 2)
        try packed.write(to: "\(folder.path)/a.gz")
        try bytes.write(to: "\(folder.path)/b")
        try await Command("gzip", ["-d", "-k", "\(folder.path)/a.gz"]).output()
        #expect(try [UInt8](file: "\(folder.path)/a") == bytes)
        let script = """
            import gzip, zlib
            whole = open("\(folder.path)/a.gz", "rb").read()
            content = open("\(folder.path)/b", "rb").read()
            assert gzip.decompress(whole) == content
            assert zlib.decompress(whole, 31) == content
            """
        try await Command("/usr/bin/python3", ["-c", script]).output()
        #expect(Double(packed.count) < Double(try CompressionTests.compressed(bytes, .gzip).count) * 1.02)
    }
}

import DistributionGrammar
import Testing

@Suite struct RangeTests {
    @Test(
        arguments: [
            ("bytes=0-9", .part(0..<10)), ("bytes=0-0", .part(0..<1)), ("bytes=99-99", .part(99..<100)),
            ("bytes=5-", .part(5..<100)), ("bytes=-1", .part(99..<100)), ("bytes=-100", .part(0..<100)),
            ("bytes=-1000", .part(0..<100)), ("bytes=50-1000", .part(50..<100)), ("bytes=0-99", .part(0..<100)),
            ("Bytes=0-9", .part(0..<10)), ("bytes= 0-9 ", .part(0..<10)), ("bytes=0 - 9", .part(0..<10)),
            ("bytes=\t0-9", .part(0..<10)), ("bytes=000-009", .part(0..<10)),
            ("bytes=0-9223372036854775807", .part(0..<100)),
            ("bytes=1-99999999999999999999999", .part(1..<100)), ("bytes=-99999999999999999999999", .part(0..<100)),
            ("bytes=100-", .unsatisfiable), ("bytes=100-200", .unsatisfiable), ("bytes=9-0", .unsatisfiable),
            ("bytes=-0", .unsatisfiable), ("bytes=99999999999999999999999-", .unsatisfiable),
            ("bytes=9223372036854775807-9223372036854775807", .unsatisfiable),
            ("", .whole), ("bytes", .whole), ("bytes=", .whole), ("bytes=-", .whole), ("bytes=0", .whole),
            ("=0-9", .whole),
            ("0-9", .whole), ("bytes 0-9", .whole), ("items=0-9", .whole), ("bytes=0-9,20-29", .whole),
            ("bytes=,0-9", .whole), ("bytes=a-b", .whole), ("bytes=--1", .whole), ("bytes=-1-", .whole),
            ("bytes=0--", .whole),
            ("bytes=0-9-", .whole), ("bytes=+0-9", .whole), ("bytes=0-+9", .whole), ("bytes=0x0-9", .whole),
            ("bytes=1.0-2", .whole), ("bytes=1 0-20", .whole), ("bytes =0-9", .whole), ("bytes=0-9;", .whole),
            ("bytes=०-९", .whole), ("bytes=\u{301}0-9", .whole), ("bytes\u{301}=0-9", .whole), ("bytes=0-9\0", .whole),
            ("\u{212A}=0-9", .whole),
        ] as [(String, ByteRange)]
    )
    func `a Range header of 100 bytes`(header: String, expected: ByteRange) {
        #expect(ByteRange(header: header, byteCount: 100) == expected)
    }

    @Test(
        arguments: [
            (nil, 0, .whole), (nil, 100, .whole), ("bytes=0-", 0, .unsatisfiable), ("bytes=-1", 0, .unsatisfiable),
            ("bytes=0-0", 0, .unsatisfiable), ("bytes=-", 0, .whole), ("bytes=0-0", 1, .part(0..<1)),
            ("bytes=0-", .max, .part(0 ..< .max)), ("bytes=-1", .max, .part((.max - 1) ..< .max)),
            ("bytes=0-9223372036854775807", .max, .part(0 ..< .max)),
            ("bytes=9223372036854775806-9223372036854775807", .max, .part((.max - 1) ..< .max)),
            ("bytes=9223372036854775807-", .max, .unsatisfiable),
        ] as [(String?, Int64, ByteRange)]
    )
    func `a Range header of contents of any size`(header: String?, byteCount: Int64, expected: ByteRange) {
        #expect(ByteRange(header: header, byteCount: byteCount) == expected)
    }

    @Test(
        arguments: [
            ("0-9", 0, 10), ("5-5", 5, 1), ("10-19", 10, 10), ("bytes 0-9", 0, 10), ("Bytes 0-9/10", 0, 10),
            ("bytes 0-9/*", 0, 10), ("0-9/100", 0, 10), ("00-09", 0, 10), ("5-4", 5, 0), ("5-4/*", 5, 0),
            ("9223372036854775806-9223372036854775806", .max - 1, 1), ("0-9223372036854775806", 0, .max),
        ] as [(String, Int64, Int64)]
    )
    func `a Content-Range of a chunk`(header: String, first: Int64, byteCount: Int64) throws {
        let chunk = try #require(ChunkRange(header))
        #expect(chunk.first == first)
        #expect(chunk.byteCount == byteCount)
    }

    @Test(arguments: [
        "", "-", "0", "0-", "-9", "0--1", "9-0", "5-3", "a-b", "0-9,10-19", "0-9-", "0 - 9", " 0-9", "0-9 ", "+0-9",
        "bytes=0-9", "bytes", "bytes ", "bytes  0-9", "items 0-9", "bytes 0-9/", "0-9/x", "0-9/10/10", "0-9/9", "0-9/0",
        "bytes */10", "*/*", "0-9/-1", "0-9223372036854775807", "0-99999999999999999999", "99999999999999999999-0",
        "9223372036854775807-9223372036854775807", "0x0-9", "०-९", "0-9\u{301}", "bytes \u{301}0-9", "bytes\u{301} 0-9",
    ])
    func `what is no Content-Range is none`(header: String) {
        #expect(ChunkRange(header) == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `long headers of any characters are read in time`() {
        let marks = String(repeating: "\u{301}\u{323}", count: 250_000)
        let digits = String(repeating: "1", count: 1_000_000)
        for text in [marks, "bytes=" + marks, "bytes=0-" + marks, marks + "=0-9", "bytes " + marks] {
            #expect(ByteRange(header: text, byteCount: 100) == .whole)
            #expect(ChunkRange(text) == nil)
        }
        #expect(ByteRange(header: "bytes=\(digits)-", byteCount: 100) == .unsatisfiable)
        #expect(ChunkRange("\(digits)-\(digits)") == nil)
    }
}

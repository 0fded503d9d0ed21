import OCI
import Testing

@Suite struct DigestTests {
    static let sha256 = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    static let sha512 = "sha512:" + String(repeating: "0123456789abcdef", count: 8)

    @Test(arguments: [(sha256, Digest.Algorithm.sha256), (sha512, .sha512)])
    func `a digest of a registered algorithm is kept as it is written`(
        text: String,
        algorithm: Digest.Algorithm
    ) throws {
        let digest = try Digest(text)
        #expect(digest.description == text)
        #expect(digest.algorithm == algorithm)
        #expect(digest.encoded == text.dropFirst(7))
    }

    @Test(
        arguments: [
            ("", .malformed), (":", .malformed), ("sha256", .malformed), ("sha256:", .malformed), (":abc", .malformed),
            ("sha256 :ab", .malformed), ("+sha256:ab", .malformed), ("sha256+:ab", .malformed), ("a++b:ab", .malformed),
            ("sha256/x:ab", .malformed), ("é:ab", .malformed), ("sha\u{301}256:ab", .malformed),
            (" " + sha256, .malformed), ("md5:d41d8cd98f00b204e9800998ecf8427e", .unknownAlgorithm("md5")),
            ("SHA256:" + String(repeating: "a", count: 64), .unknownAlgorithm("SHA256")),
            ("sha256+b64u:x", .unknownAlgorithm("sha256+b64u")), ("a:b:c", .unknownAlgorithm("a")),
            (String(repeating: "a", count: 70) + ":b", .unknownAlgorithm(String(repeating: "a", count: 64))),
            ("sha256:ab", .wrongLength(expected: 64, found: 2)),
            (sha256 + "0", .wrongLength(expected: 64, found: 65)),
            (sha256 + "\n", .wrongLength(expected: 64, found: 65)),
            (String(sha512.dropLast()), .wrongLength(expected: 128, found: 127)),
            (sha256.dropLast() + "G", .notHexadecimal), (sha256.dropLast() + "A", .notHexadecimal),
            (sha256.dropLast() + ":", .notHexadecimal), (sha256.dropLast() + " ", .notHexadecimal),
            (sha256.dropLast(2) + "é", .notHexadecimal),
            ("sha256:\u{301}" + String(repeating: "a", count: 62), .notHexadecimal),
        ] as [(String, Digest.ParseError)]
    )
    func `what is no digest is refused with the reason`(text: String, reason: Digest.ParseError) {
        #expect(throws: reason) { try Digest(text) }
    }

    @Test func `a hash is written in lower-case digits`() throws {
        let hash = (0..<32).map { UInt8($0 * 8) }
        let digest = Digest(algorithm: .sha256, hash: hash)
        #expect(digest.description == "sha256:0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8")
        #expect(try Digest(digest.description) == digest)
    }

    @Test func `digests are ordered by their bytes`() throws {
        let texts = [Self.sha512, Self.sha256, "sha256:" + String(repeating: "f", count: 64)]
        #expect(try texts.map { try Digest($0) }.sorted().map(\.description) == [texts[1], texts[2], texts[0]])
    }
}

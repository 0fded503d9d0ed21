import OCI
import Testing

@Suite struct NameTests {
    static let longest = String(repeating: "n", count: 255)

    @Test(arguments: [
        "a", "0", "nginx", "team/app", "a/b/c/d/e/f/g", "a.b", "a_b", "a__b", "a-b", "a----b", "a.b_c__d--e/f.g",
        "0/1", "blobs/uploads", longest, String(repeating: "a/", count: 127) + "a",
    ])
    func `a repository name of the grammar is kept as it is written`(text: String) throws {
        let name = try RepositoryName(text)
        #expect(name.description == text)
        #expect(name.components.joined(separator: "/") == text)
    }

    @Test(
        arguments: [
            ("", .empty), (longest + "n", .tooLong), (String(repeating: "é", count: 128), .tooLong),
            ("A", .component("A")), ("a/B/c", .component("B")), ("/", .component("")), ("/a", .component("")),
            ("a/", .component("")), ("a//b", .component("")), (".", .component(".")), ("..", .component("..")),
            ("a/../b", .component("..")), ("a..b", .component("a..b")), ("a___b", .component("a___b")),
            ("a._b", .component("a._b")), ("a-.b", .component("a-.b")), ("a_-b", .component("a_-b")),
            ("a__-b", .component("a__-b")), (".a", .component(".a")), ("-a", .component("-a")),
            ("_a", .component("_a")),
            ("a./b", .component("a.")), ("x/a-", .component("a-")), ("a_", .component("a_")),
            ("a__", .component("a__")),
            ("a b", .component("a b")), ("a\0", .component("a\0")), ("a\n", .component("a\n")),
            ("a:b", .component("a:b")),
            ("a%2fb", .component("a%2fb")), ("é", .component("é")), ("a/\u{301}b", .component("\u{301}b")),
            ("a\u{301}/b", .component("a\u{301}")), ("ａ", .component("ａ")),
        ] as [(String, RepositoryName.ParseError)]
    )
    func `what is no repository name is refused with the component`(text: String, reason: RepositoryName.ParseError) {
        #expect(throws: reason) { try RepositoryName(text) }
    }

    @Test(arguments: ["a", "_", "0", "v1.2.3-rc.1_x", "A__..--", "latest", String(repeating: "t", count: 128)])
    func `a tag of the grammar is kept as it is written`(text: String) throws {
        #expect(try OCI.Tag(text).description == text)
        #expect(try Reference(text) == .tag(OCI.Tag(text)))
    }

    @Test(
        arguments: [
            ("", .empty), (String(repeating: "t", count: 129), .tooLong), (".a", .character), ("-a", .character),
            ("a/b", .character), ("a b", .character), ("a\n", .character), ("a+b", .character), ("a@b", .character),
            ("é", .character), ("a\u{301}", .character), ("\0", .character), ("..", .character), ("a%20", .character),
        ] as [(String, OCI.Tag.ParseError)]
    )
    func `what is no tag is refused with the reason`(text: String, reason: OCI.Tag.ParseError) {
        #expect(throws: reason) { try OCI.Tag(text) }
        #expect(throws: Reference.ParseError.tag(reason)) { try Reference(text) }
    }

    @Test func `a reference with a colon is a digest or nothing`() throws {
        #expect(try Reference(DigestTests.sha512) == .digest(Digest(DigestTests.sha512)))
        #expect(try Reference(DigestTests.sha512).description == DigestTests.sha512)
        #expect(throws: Reference.ParseError.digest(.unknownAlgorithm("a"))) { try Reference("a:b") }
        #expect(throws: Reference.ParseError.digest(.malformed)) { try Reference("v1:") }
    }

    @Test func `names and tags are ordered by their bytes`() throws {
        #expect(
            try ["b", "a/b", "a-b", "a", "a0"].map { try RepositoryName($0) }.sorted().map(\.description)
                == ["a", "a-b", "a/b", "a0", "b"]
        )
        #expect(
            try ["b", "a", "_", "B", "1", "a.", "10"].map { try OCI.Tag($0) }.sorted().map(\.description)
                == ["1", "10", "B", "_", "a", "a.", "b"]
        )
    }
}

@Suite struct MediaTypeTests {
    @Test(arguments: [
        ("application/json", "application/json"), ("a/b", "a/b"), ("Application/VND.X+JSON", "application/vnd.x+json"),
        ("application/json; charset=utf-8", "application/json"), (" application/json ;x", "application/json"),
        ("\tapplication/json \t; charset=utf-8", "application/json"),
        ("a/b;c/d", "a/b"), ("!#$&-^_.+/x", "!#$&-^_.+/x"),
        ("a/" + String(repeating: "b", count: 253), "a/" + String(repeating: "b", count: 253)),
    ])
    func `a media type is kept in lower case and without parameters`(text: String, canonical: String) {
        #expect(MediaType(text)?.description == canonical)
    }

    @Test(arguments: [
        "", " ", "/", "a", "a/", "/b", "a/b/c", "a b/c", "a/b c", "a /b", "a/ b", ";a/b", "a/b\n", "a/b\0", "é/x",
        "a/b\u{301}", "*/*", "a/(b)", "a,b/c", "a/" + String(repeating: "b", count: 254),
    ])
    func `what is no media type is none`(text: String) {
        #expect(MediaType(text) == nil)
    }

    @Test func `layers that may not be distributed are known by their type`() {
        #expect(MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")?.isNonDistributable == true)
        #expect(MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")?.isNonDistributable == true)
        #expect(MediaType("application/vnd.oci.image.layer.v1.tar+gzip")?.isNonDistributable == false)
    }
}

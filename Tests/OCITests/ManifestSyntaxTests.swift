import OCI
import Testing

/// JSON as RFC 8259 has it and nothing else, and no document that costs more than its length.
@Suite struct ManifestSyntaxTests {
    @Test(arguments: [
        "", " ", "x", "{", "}", "[", "[]", "null", "true", "1", "\"{}\"", "{}{}", "{}x", "{} \0", "{,}", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{a:1}", "{'a':1}", "{1:1}",
        "{null:1}", "{\"a\":[1,]}", "{\"a\":[,]}", "{\"a\":[1 2]}", "{\"a\":[}", "{\"a\":{]}", "{\"a\":01}",
        "{\"a\":-}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":1e+}", "{\"a\":0x1}",
        "{\"a\":NaN}", "{\"a\":-Infinity}", "{\"a\":nul}", "{\"a\":True}", "{\"a\":truex}", "{\"a\":/**/1}",
        "{\"a\":1}//", "{\"a\":\"\u{1}\"}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12G4\"}", "{\"a\":\"\\u 123\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800x\"}",
        "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\\ud800\"}", "{\"a\":\"\\ud800\\n\"}", "{\"a\":\"x}",
        "{\"a\":\"\\\"}",
        "{\"a\":1\u{A0}}", "{\"a\":1\u{B}}", "\u{FEFF}{\"a\":1}", "{\u{2028}\"a\":1}", "{\"a\"\u{301}:1}",
        "{\"a\":\"\"\u{301}}",
    ])
    func `what is no JSON object is refused`(text: String) {
        let inside = Documents.image().dropLast() + ",\"x\":[\(text)]}"
        #expect { try Documents.parse(text, as: .imageManifest) } throws: { Self.isSyntax($0) }
        if !["[]", "null", "true", "1", "\"{}\"", "", " "].contains(text) {
            #expect { try Documents.parse(String(inside), as: .imageManifest) } throws: { Self.isSyntax($0) }
        }
    }

    private static func isSyntax(_ error: any Error) -> Bool {
        if case .notJSON(let reason) = error as? Manifest.ParseError { !reason.isEmpty } else { false }
    }

    @Test func `every document that is cut short is refused`() {
        let whole = Array(
            Documents.image(#","annotations":{"\u00e9":"é"},"x":[1.5,true]"#, layers: "[\(Documents.layer)]").utf8
        )
        for count in 0..<whole.count {
            #expect(throws: Manifest.ParseError.self, "\(count) bytes") {
                try Manifest(parsing: Array(whole.prefix(count)), contentType: .imageManifest)
            }
        }
    }

    @Test(
        arguments: [
            [0xFF], [0xC3, 0x28], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused, also where they mean nothing`(bytes: [UInt8]) {
        for start in [#","x":""#, #","annotations":{"a":""#] {
            let text = Array(Documents.image(start).utf8.dropLast())
            let end = Array((start.contains("{") ? "\"}}" : "\"}").utf8)
            #expect(throws: Manifest.ParseError.notJSON("it is not UTF-8")) {
                try Manifest(parsing: text + bytes + end, contentType: .imageManifest)
            }
        }
    }

    @Test func `UTF-16 and UTF-32 are refused`() {
        let text = Documents.image()
        let little = text.utf8.flatMap { [$0, 0] as [UInt8] }
        let big = text.utf8.flatMap { [0, $0] as [UInt8] }
        let wide = text.utf8.flatMap { [$0, 0, 0, 0] as [UInt8] }
        for bytes in [little, big, wide, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big] {
            #expect(throws: Manifest.ParseError.self) { try Manifest(parsing: bytes, contentType: .imageManifest) }
        }
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":["])
    func `nesting is bounded, closed or not`(open: String) throws {
        let depth = open.utf8.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
        func nested(_ count: Int) -> String {
            let closing = open.reversed().compactMap { ["[": "]", "{": "}"][$0] }.joined()
            let levels = String(repeating: open, count: count / depth)
            return levels + "1" + String(repeating: closing, count: count / depth)
        }
        #expect(try Documents.parse(Documents.image(#","x":\#(nested(99))"#)).kind == .image)
        for count in [102, 1000, 600_000] {
            #expect(throws: Manifest.ParseError.notJSON("it is nested too deeply")) {
                try Documents.parse(Documents.image(#","x":\#(nested(count))"#))
            }
        }
        let start = Documents.image().dropLast() + ",\"x\":"
        #expect(throws: Manifest.ParseError.notJSON("it is nested too deeply")) {
            try Documents.parse(start + String(repeating: open, count: (4 << 20) / open.utf8.count))
        }
    }

    /// Each of these takes well below a second; with quadratic time they take minutes.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("combining marks in an unknown name", ",\"a", "\u{301}\u{323}", "\":1"),
            ("combining marks in the name of an annotation", ",\"annotations\":{\"a", "\u{301}\u{323}", "\":\"\"}"),
            ("combining marks in a value", ",\"annotations\":{\"a\":\"", "\u{301}\u{323}", "\"}"),
            ("escapes", ",\"annotations\":{\"a\":\"", "\\u0301\\u0323", "\"}"), ("digits", ",\"x\":", "1", ""),
            ("unknown names", "", ",\"x\":0", ""), ("empty objects", ",\"x\":[0", ",{}", "]"),
            ("white space", "", " ", ""), ("descriptors", ",\"y\":[0", "," + Documents.layer, "]"),
        ]
    )
    func `a megabyte of anything is read in time`(_: String, start: String, middle: String, end: String) throws {
        let count = (1 << 20) / middle.utf8.count
        let more = start + String(repeating: middle, count: count) + end
        #expect(try Documents.parse(Documents.image(more)).kind == .image)
    }

    @Test(.timeLimit(.minutes(1)))
    func `many layers and annotations are read in time`() throws {
        let layers = Array(repeating: #"{"digest":"\#(Documents.digest)","size":1}"#, count: 10_000)
        let annotations = (0..<20_000).map { #""\#($0)":"""# }
        let manifest = try Documents.parse(
            Documents.image(
                #","annotations":{\#(annotations.joined(separator: ","))}"#,
                layers: "[\(layers.joined(separator: ","))]"
            )
        )
        #expect(manifest.layers.count == 10_000)
        #expect(manifest.annotations.count == 20_000)
    }
}

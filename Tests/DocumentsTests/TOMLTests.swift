import Documents
import Testing

@Suite struct TOMLTests {
    private func json(_ text: String) throws -> String {
        String(decoding: try TOMLDocument(text.utf8).root.json(), as: UTF8.self)
    }

    private func problem(_ text: String) throws -> String {
        try #require(throws: TOMLDocument.Problem.self) { try TOMLDocument(text.utf8) }.description
    }

    @Test func `tables keep the order of the file`() throws {
        let text = """
            # a comment
            server = "https://a"   # another

            [host."https://z"]
              capabilities = ["pull", "resolve",]
            [host."https://a"]
              skip_verify = true
            [[registry]]
            location = 'x'
            [[registry.mirror]]
            location = 'm1'
            [[registry.mirror]]
            location = 'm2'
            [[registry]]
            location = 'y'
            """
        #expect(
            try json(text)
                == #"{"server":"https://a","host":{"https://z":{"capabilities":["pull","resolve"]},"https://a":"#
                + #"{"skip_verify":true}},"registry":[{"location":"x","mirror":[{"location":"m1"},{"location":"m2"}]},"#
                + #"{"location":"y"}]}"#
        )
        let document = try TOMLDocument(text.utf8)
        #expect(document.line(of: ["server"]) == 2)
        #expect(document.line(of: ["host", "https://a", "skip_verify"]) == 7)
        #expect(document.line(of: ["registry", 0, "mirror", 1, "location"]) == 13)
        #expect(document.line(of: ["registry", 1]) == 14)
        #expect(document.line(of: ["registry", 2]) == nil)
    }

    @Test(arguments: [
        (#""a\tb\u00e4\U0001F511\"\\""#, "\"a\\u0009bä\u{1F511}\\\"\\\\\""), (#"'C:\x'"#, #""C:\\x""#),
        ("\"\"\"\na\\\n   \n  b\nc\"\"\"", #""ab\u000ac""#), ("'''\na''b'''''", #""a''b''""#), ("'''x'''''", #""x''""#),
        ("+1_000", "1000"), ("0xDead_Beef", "3735928559"), ("0o17", "15"), ("0b101", "5"), ("-0", "0"),
        ("-9223372036854775808", "-9223372036854775808"), ("3.1_4", "3.14"), ("-1e+2", "-1e2"), ("6.6E-3", "6.6e-3"),
        ("inf", #""inf""#), ("1979-05-27", #""1979-05-27""#), ("2024-02-29 07:32:00Z", #""2024-02-29 07:32:00Z""#),
        ("1979-05-27T00:32:00.999-07:00", #""1979-05-27T00:32:00.999-07:00""#), ("07:32:00", #""07:32:00""#),
        ("[\n 1, # one\n [2], {a.b = 3},\n]", #"[1,[2],{"a":{"b":3}}]"#), ("{}", "{}"), ("{ a = [ ] }", #"{"a":[]}"#),
        ("true\t# x", "true"),
    ])
    func `every kind of value is read`(toml: String, expected: String) throws {
        #expect(try json("v = \(toml)") == "{\"v\":\(expected)}")
        #expect(try json("v = \(toml)\r\nw = 1\r\n") == "{\"v\":\(expected),\"w\":1}")
    }

    @Test(arguments: [
        ("a = 1\na = 2", "line 2, column 1: \"a\" stands twice"),
        ("[a]\n[a]", "line 2, column 1: \"a\" stands twice"),
        ("[a]\nb.c = 1\n[a.b]", "line 3, column 1: \"a.b\" stands twice"),
        ("[a.b.c]\nz = 9\n[a]\nb.c.t = 1", "line 4, column 1: \"c\" stands elsewhere and cannot be added to here"),
        ("a = {b = 1}\n[a.c]", "line 2, column 1: \"a\" is a value and can have no tables"),
        ("a = [{}]\n[[a]]", "line 2, column 1: \"a\" is no array of tables"),
        ("[[a]]\n[a]", "line 2, column 1: \"a\" stands twice"),
        ("a = {b = 1,}", "line 1, column 12: a key is missing"),
        ("a = 1 b = 2", "line 1, column 7: something follows at the end of the line"),
        ("a = \"x\ny\"", "line 1, column 5: the quote that begins here is not closed"),
        ("ä = 1", "line 1, column 1: a key is missing"), ("a =", "line 1, column 4: a value is missing"),
        ("\"ä\" = \"\\x\"", "line 1, column 8: there is no such escape"),
        ("a = \"\\uD800\"", "line 1, column 6: there is no such character"),
        ("a = 01", "line 1, column 5: \"01\" is no value; a text needs quotes"),
        ("a = docker.io", "line 1, column 5: \"docker.io\" is no value; a text needs quotes"),
        ("a = 1979-02-30", "line 1, column 5: \"1979-02-30\" is no value; a text needs quotes"),
        ("a = 9223372036854775808", "line 1, column 5: the number has more than 64 bits"),
        ("a = [1\n2]", "line 2, column 1: a comma or ] is missing in an array"),
        ("a = [\n1,", "line 1, column 5: the array that begins here is not closed"),
        ("a = \"\u{1}\"", "line 1, column 6: a control character must be escaped"),
        ("# \u{0}", "line 1, column 3: a control character stands in a comment"),
        ("[a", "line 1, column 3: the heading is not closed by ]"),
        ("a = 1\rb = 2", "line 1, column 6: something follows"),
    ])
    func `what is no TOML is told with line and column`(text: String, message: String) throws {
        let problem = try problem(text)
        #expect(problem.hasPrefix(message), "\(problem)")
    }

    @Test func `hostile texts end in a sentence`() throws {
        let deep = [
            "a = " + String(repeating: "[", count: 100_000), "a = " + String(repeating: "{b=", count: 100_000),
            "[" + Array(repeating: "a", count: 10_000).joined(separator: ".") + "]",
            Array(repeating: "a", count: 10_000).joined(separator: ".") + " = 1",
        ]
        for text in deep { #expect(try problem(text).hasSuffix("more than 64 levels")) }
        #expect(throws: TOMLDocument.Problem.self) { try TOMLDocument([0x61, 0x3d, 0x27, 0xff, 0x27]) }
        #expect(throws: TOMLDocument.Problem.self) { try TOMLDocument([UInt8](repeating: 0x0a, count: 5 << 20)) }
        let begin = ContinuousClock.now
        let many = (0..<30_000).map { "[[a]]\n[[a.b]]\nc = \($0)\n" }.joined()
        #expect(try TOMLDocument(many.utf8).line(of: ["a", 29_999, "b", 0, "c"]) == 90_000)
        #expect(ContinuousClock.now - begin < .seconds(30), "the time must grow with the length alone")
    }
}

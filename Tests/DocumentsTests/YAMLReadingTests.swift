import RegistryTesting
import Testing

@testable import Documents

/// The JSON of each document of a text.
func json(_ text: String, textsOf names: Set<String> = []) throws -> [String] {
    try YAMLDocument.read(text, named: "roles.yaml").map { document in
        String(decoding: try document.json(textsOf: names), as: UTF8.self)
    }
}

/// What is said of a text that cannot be taken.
func problem(_ text: String) -> String? {
    do {
        _ = try json(text)
        return nil
    } catch {
        return "\(error)"
    }
}

@Suite struct YAMLReadingTests {
    @Test func `the roles of users' guides are read as they stand`() throws {
        let yaml = """
            roles:
              - name: developer
                policies: [{repo: team/*, actions: ["pull"]}]
              - name: admin
                policies: [{repo: "*", actions: ["push", "pull", "delete"]}]
            """
        let expected =
            #"{"roles":[{"name":"developer","policies":[{"repo":"team/*","actions":["pull"]}]},"#
            + #"{"name":"admin","policies":[{"repo":"*","actions":["push","pull","delete"]}]}]}"#
        #expect(try json(yaml) == [expected])
    }

    @Test(arguments: [
        ("~", "null"), ("null", "null"), ("true", "true"), ("FALSE", "false"), ("no", #""no""#), ("on", #""on""#),
        ("y", #""y""#), ("tRue", #""tRue""#), ("12", "12"), ("-12", "-12"), ("+12", "12"), ("012", "12"), ("-0", "-0"),
        ("0o17", "15"), ("0x1F", "31"), ("0x", #""0x""#), ("0o8", #""0o8""#), ("1.10", "1.10"), (".5", "0.5"),
        ("5.", "5.0"), ("1e5", "1e5"), ("-1.5E-03", "-1.5e-03"), ("00.5", "0.5"), (".", #"".""#), ("+", #""+""#),
        ("1.2.3", #""1.2.3""#), ("1:30", #""1:30""#), ("1_000", #""1_000""#), ("2024-01-01", #""2024-01-01""#),
        ("'12'", #""12""#), (#""true""#, #""true""#), ("!!str 12", #""12""#), ("! 12", #""12""#), ("''", #""""#),
        ("1e", #""1e""#), ("e5", #""e5""#), ("- 12", "[12]"), ("a & b", #""a & b""#), ("'&a'", #""&a""#),
        ("\"a\\u0007\\\"\"", #""a\u0007\"""#), ("<<: 1", #"{"<<":1}"#), ("1: a", #"{"1":"a"}"#),
        ("yes: {no: null}", #"{"yes":{"no":null}}"#), ("|\n  a\n  b\n", #""a\u000ab\u000a""#),
        ("# & *\n{a: 'x & *y', b: \"&z\"}", #"{"a":"x & *y","b":"&z"}"#),
    ])
    func `scalars mean what the core schema of YAML 1.2 says`(yaml: String, expected: String) throws {
        #expect(try json("[x]\n---\n" + yaml).last == (expected == "null" ? #"["x"]"# : expected))
    }

    @Test func `where a text is wanted a number is one too`() throws {
        let yaml = "version: 1.10\nsize: 1.10\nactions: [12, yes, true, null]\nempty:\nnested: {version: true}\n"
        let expected =
            #"{"version":"1.10","size":1.10,"actions":["12","yes","true",null],"empty":null,"#
            + #""nested":{"version":"true"}}"#
        #expect(try json(yaml, textsOf: ["version", "actions", "empty"]) == [expected])
    }

    @Test func `several documents are read, and empty ones passed over`() throws {
        #expect(try json("---\na: 1\n---\n---\n# nothing\n---\n- b\n...\n") == [#"{"a":1}"#, #"["b"]"#])
        #expect(try json("") == [])
        #expect(try json("\u{feff}a: 1") == [#"{"a":1}"#])
    }

    @Test(arguments: [
        ("a:\n  repo: *\n", 2, 9, #"an unquoted * is not valid YAML: write "*" in quotes"#),
        ("[{repo: *, actions: [pull]}]", 1, 9, #"an unquoted * is not valid YAML: write "*" in quotes"#),
        ("[*]", 1, 2, #"an unquoted * is not valid YAML: write "*" in quotes"#),
        ("- *", 1, 3, #"an unquoted * is not valid YAML: write "*" in quotes"#),
        ("repo: **", 1, 7, #"an unquoted * is not valid YAML: write "**" in quotes"#),
        ("repo: */app", 1, 7, #"an unquoted * is not valid YAML: write "*/app" in quotes"#),
        ("repo: *app # all", 1, 7, #"an unquoted * is not valid YAML: write "*app" in quotes"#),
        ("a: &x 1\nb: *x", 2, 4, YAMLExplanation.alias), ("a: &x 1", 1, 4, YAMLExplanation.alias),
        ("&x a: 1", 1, 1, YAMLExplanation.alias), ("a: &x {b: 1}", 1, 4, YAMLExplanation.alias),
        ("b: *x\na: &x 1", 1, 4, YAMLExplanation.alias),
        ("a: & b", 1, 4, "an unquoted & is not valid YAML here: write the text in quotes"),
        ("a: !secret x", 1, 4, "a tag such as !secret is not taken: leave it out, and write texts in quotes"),
        (
            "a: !!int x", 1, 4,
            "a tag such as tag:yaml.org,2002:int is not taken: leave it out, and write texts in quotes"
        ),
        ("a:\n\tb: 1", 2, 1, "a tab stands where only spaces may indent: replace it by spaces"),
        ("a:\n  b: 1\n\tc: 2", 3, 1, "a tab stands where only spaces may indent: replace it by spaces"),
        ("a: 1\nb: 2\na: 3", 1, 1, "the key a stands again later in this mapping: keep one of them"),
        ("a: 1\n'1': 2\n1: 3", 3, 1, "the key 1 stands in line 2 already: keep one of them"),
        ("a: 'x\nb: 1\n", 1, 4, "the quote that begins here is not closed"),
        ("a: \"x\n---\n", 1, 4, "the quote that begins here is not closed"),
        ("a: @x", 1, 4, "no text may begin with @: write it in quotes"),
        ("a: `x`", 1, 4, "no text may begin with `: write it in quotes"),
        (
            "a: b: c", 1, 5,
            "a colon with a space behind it stands in the middle of a text: write the text in quotes, or check the "
                + "indentation, and that each key above has a space behind its colon"
        ),
        ("a: 1\nb\nc: 2", 2, 1, "this is no key with a value: write KEY: VALUE, with a space between"),
        ("a: [1, 2\nb: 1", 1, 4, "a comma is missing in the list that begins here, or its ]"),
        ("a: {b: 1", 1, 4, "a comma is missing in the mapping that begins here, or its }"),
        (
            "a: \"\\d\"", 1, 5,
            "in double quotes a backslash begins an escape: write two of them, or use single quotes"
        ),
        (
            "a: 1\n  b: 2", 2, 4,
            "a colon with a space behind it stands in the middle of a text: write the text in quotes, or check the "
                + "indentation, and that each key above has a space behind its colon"
        ),
        (
            "a:\n    b: 1\n  c: 2", 3, 3,
            "this line does not fit those above: check its indentation, and that a text that begins with a quote "
                + "ends with it"
        ),
        ("a: - b", 1, 4, "a list may not begin here: begin it on a line of its own, indented below its key"),
        ("ab: \u{7}", 1, 5, "a control character stands here: delete it, or write it as an escape in double quotes"),
        ("? [a]\n: b", 1, 3, "a key must be a text, not a list or a mapping"),
        ("a:\n  - .inf", 2, 5, ".inf is a number that cannot be used: if it is a text, write it in quotes"),
        (
            "0xfffffffffffffffff", 1, 1,
            "0xfffffffffffffffff is a number that cannot be used: if it is a text, write it in quotes"
        ),
        ("ü: *", 1, 4, #"an unquoted * is not valid YAML: write "*" in quotes"#),
    ])
    func `a mistake is named with its place and how to mend it`(yaml: String, line: Int, column: Int, sentence: String)
    {
        #expect(problem(yaml) == "roles.yaml: line \(line), column \(column): \(sentence)")
    }

    @Test(arguments: [
        (Array("a: 1\nb: é".utf8) + [0xff], 2, 5), ([0x61, 0xc3], 1, 2), ([0xff, 0xfe, 0x61, 0], 1, 1),
    ])
    func `what is not UTF-8 is refused with its place`(bytes: [UInt8], line: Int, column: Int) throws {
        let error = #expect(throws: YAMLDocument.Problem.self) { try YAMLDocument.read(bytes, named: "x") }
        #expect(
            error?.description == "x: line \(line), column \(column): this is not UTF-8 text: save the file as UTF-8"
        )
    }

    @Test func `what would take the machine is refused`() throws {
        let large = String(repeating: "a", count: YAMLDocument.byteCountMax + 1)
        #expect(problem(large) == "roles.yaml: there are more than 4 MiB: divide it into several files")
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(problem(nested(64)) == nil)
        #expect(problem(nested(66))?.hasSuffix(YAMLExplanation.tooDeep) == true)
        #expect(
            problem(nested(500_000))?.hasSuffix(YAMLExplanation.tooDeep) == true,
            "\(problem(nested(500_000)) ?? "")"
        )
        #expect(problem(String(repeating: "- ", count: 100_000))?.hasSuffix(YAMLExplanation.tooDeep) == true)

        var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<40 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            laughs += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(problem(laughs) == "roles.yaml: line 2, column 10: \(YAMLExplanation.alias)")
        #expect(problem(laughs + "? *a39\n: 1\n? *a39\n: 2\n")?.hasSuffix(YAMLExplanation.alias) == true)
    }

    @Test func `the place of a part is found, or of the last that is there`() throws {
        let document = try #require(YAMLDocument.read("roles:\n  - name: a\n    x: 1\n", named: "x").first)
        #expect(document.place(of: []) == .init(line: 1, column: 1))
        #expect(document.place(of: [.name("roles"), .item(0), .name("x")]) == .init(line: 3, column: 5))
        #expect(document.place(of: [.name("roles"), .item(0), .name("y")]) == .init(line: 2, column: 5))
        #expect(document.place(of: [.name("roles"), .item(1)]) == .init(line: 1, column: 1))
    }
}

import Documents
import Foundation
import RegistryTesting
import Testing

@Suite struct YAMLWritingTests {
    @Test func `what is written is readable, in the order that was given`() throws {
        let text = #"""
            {"roles":[{"name":"admin","policies":[{"repo":"*","actions":["push","pull"]},{"repo":"team/**"}]}],
            "version":"1.10","size":1.10,"answer":"yes","none":null,"empty":[],"nothing":{},
            "note":"first\n\nthird: #\n","key":"a\nb","lists":[[1,2],[]],"when":"2024-01-01","range":"10.0.0.0/8"}
            """#
        let expected = """
            roles:
              - name: admin
                policies:
                  - repo: "*"
                    actions:
                      - push
                      - pull
                  - repo: team/**
            version: "1.10"
            size: 1.10
            answer: "yes"
            none: null
            empty: []
            nothing: {}
            note: |
              first

              third: #
            key: |-
              a
              b
            lists:
              - - 1
                - 2
              - []
            when: "2024-01-01"
            range: 10.0.0.0/8

            """
        #expect(try JSONValue(json: text.utf8).yaml() == expected)
    }

    @Test func `random values come back from what is written of them`() throws {
        for round in 0..<400 {
            let seed = TestSeed.round(round)
            var random = RandomJSON(generator: SeededGenerator(seed: seed))
            let value = JSONValue.array([random.value(), random.value()])
            let yaml = value.yaml()
            let document = try #require(YAMLDocument.read(yaml, named: "x").first, "seed \(seed)")
            let again = try document.json()
            #expect(again == RandomJSON.canonical(value).json(), "seed \(seed):\n\(yaml)")
            #expect(try JSONValue(json: value.json()) == value, "seed \(seed)")
        }
    }

    @Test func `documents are written one after the other`() throws {
        let values: [JSONValue] = [
            .object([.init("a", .number("1"))]), .string("---\n"), .array([]), .string("a\n"),
            .object([.init("... a", .null), .init("--- a", .string("..."))]),
        ]
        let documents = try YAMLDocument.read(JSONValue.yaml(documents: values), named: "x")
        #expect(try documents.map { try $0.value() } == values)
    }

    /// Reads YAML as programs in Python do, which is YAML 1.1, and compares with the same values in JSON.
    private static let comparison = """
        import json, sys, yaml
        pairs = json.load(sys.stdin)
        for number, pair in enumerate(pairs):
            wanted = json.loads(pair["json"])
            try:
                found = yaml.safe_load(pair["yaml"])
            except yaml.YAMLError as error:
                found = str(error)
            if json.dumps(wanted) != json.dumps(found):
                print("differs:", number, pair["yaml"], repr(wanted), repr(found))
        print("compared", len(pairs))
        """

    @Test func `PyYAML reads the same values from what is written`() async throws {
        var pairs: [JSONValue] = []
        for round in 0..<300 {
            var random = RandomJSON(generator: SeededGenerator(seed: TestSeed.round(round)))
            let value = random.value()
            let text = String(decoding: value.json(), as: UTF8.self)
            pairs.append(.object([.init("json", .string(text)), .init("yaml", .string(value.yaml()))]))
        }
        let command = Command(
            "/usr/bin/python3",
            ["-c", Self.comparison],
            environment: ["PYTHONIOENCODING": "utf-8"],
            input: JSONValue.array(pairs).json(),
            timeout: .seconds(120)
        )
        let output = try await command.output()
        #expect(output == "compared 300\n", "TEST_SEED=\(TestSeed.run)")
    }

    @Test func `what PyYAML writes is read as the same values`() async throws {
        // These are texts in YAML 1.1, and numbers in YAML 1.2: PyYAML writes them without quotes.
        func isAmbiguous(_ text: String) -> Bool {
            text.wholeMatch(of: #/[-+]?[.0-9]+[eE][-+]?[0-9]+|0o[0-7]+/#) != nil
        }
        func isClear(_ value: JSONValue) -> Bool {
            switch value {
            case .string(let text): !isAmbiguous(text)
            case .number(let digits): !digits.lowercased().contains("e")
            case .array(let items): items.allSatisfy(isClear)
            case .object(let members): members.allSatisfy { isClear($0.value) && !isAmbiguous($0.name) }
            default: true
            }
        }
        var values: [JSONValue] = []
        for round in 0..<200 {
            var random = RandomJSON(generator: SeededGenerator(seed: TestSeed.round(round) &+ 7))
            let value = random.value()
            if isClear(value) { values.append(.array([value])) }
        }
        let script = """
            import json, sys, yaml
            values = json.load(sys.stdin)
            texts = [yaml.safe_dump(value, sort_keys=False) for value in values]
            print(json.dumps([[text, json.dumps(value)] for text, value in zip(texts, values)]))
            """
        let command = Command("/usr/bin/python3", ["-c", script], input: JSONValue.array(values).json())
        guard case .array(let pairs) = try JSONValue(json: try await command.output().utf8) else {
            Issue.record("no list")
            return
        }
        #expect(pairs.count == values.count && pairs.count > 50)
        for pair in pairs {
            guard case .array(let sides) = pair, case .string(let yaml) = sides[0], case .string(let text) = sides[1]
            else { continue }
            let read = try YAMLDocument.read(yaml, named: "x").first?.value()
            let found = String(decoding: read?.json() ?? [], as: UTF8.self)
            #expect(try read == JSONValue(json: text.utf8), "TEST_SEED=\(TestSeed.run):\n\(yaml)\n\(found)\n\(text)")
        }
    }
}

@Suite struct JSONValueTests {
    @Test(arguments: [
        "", " ", "tru", "nulll", "01", "1.", ".5", "+1", "1e", "-", "[1,]", "[1", "{\"a\"}", "{\"a\":1,}", "{a:1}",
        "\"",
        "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "1 2",
        "{\"a\":1,\"a\":2}",
        "[" + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "]", "NaN", "'a'", "\"\\u+123\"",
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: JSONValue.Problem.self) { try JSONValue(json: text.utf8) }
    }

    @Test func `escapes are read, and only what must be is escaped`() throws {
        let text = #"["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é", -0.5E+3, {}]"#
        let value = try JSONValue(json: text.utf8)
        #expect(value == .array([.string("\"\\/\u{8}\u{c}\n\r\té😀é"), .number("-0.5E+3"), .object([])]))
        let written = #"["\"\\/\u0008\u000c\u000a\u000d\u0009é😀é",-0.5E+3,{}]"#
        #expect(value.json() == Array(written.utf8))
    }
}

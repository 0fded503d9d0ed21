import Foundation
import OCI
import Testing

@testable import DistributionAPI

@Suite struct JSONTextTests {
    private static func written(_ write: (inout JSONText) -> Void) -> String {
        var json = JSONText()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("é😀", #""é😀""#), ("\u{7F}", "\"\u{7F}\""),
        ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#), ("\0\u{1}\u{1F}", #""\u0000\u0001\u001f""#),
        ("a\u{301}", "\"a\u{301}\""), ("\u{2028}", "\"\u{2028}\""), ("\r\n", #""\r\n""#),
    ])
    func `a string is escaped as short as can be`(text: String, json: String) throws {
        let written = Self.written { $0.string(text) }
        #expect(Array(written.utf8) == Array(json.utf8))
        let read = try JSONSerialization.jsonObject(with: Data(written.utf8), options: .fragmentsAllowed) as? String
        #expect(read.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test func `members, elements and nested values have commas between them and nowhere else`() {
        let written = Self.written { json in
            json.object { json in
                json.key("empty")
                json.object { _ in }
                json.key("none")
                json.array([Int]()) { json, number in json.number(number) }
                json.key("some")
                json.array([1, -2, 3]) { json, number in
                    json.object { json in
                        json.key("n")
                        json.number(number)
                        json.key("s")
                        json.string("\(number)")
                    }
                }
                json.key("annotations")
                json.strings(["b": "2", "a": "\"1\""])
                json.key("max")
                json.number(Int64.max)
            }
        }
        let some = #"[{"n":1,"s":"1"},{"n":-2,"s":"-2"},{"n":3,"s":"3"}]"#
        let annotations = #"{"a":"\"1\"","b":"2"}"#
        #expect(
            written
                == #"{"empty":{},"none":[],"some":\#(some),"annotations":\#(annotations),"max":9223372036854775807}"#
        )
    }

    @Test func `names that are canonically equivalent and of other bytes are two`() {
        let written = Self.written { $0.strings(["\u{E9}": "1", "e\u{301}": "2"]) }
        #expect(Array(written.utf8) == Array("{\"e\u{301}\":\"2\",\"\u{E9}\":\"1\"}".utf8))
    }
}

import Testing

@testable import AWS

@Suite struct XMLNodeTests {
    @Test func `elements, texts and comments are read`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- before --><s:Answer xmlns:s="https://sts.amazonaws.com/doc/2011-06-15/" a = 'b>"'>
              <Token>a&lt;b&#x2F;&#65;&amp;<!-- <no> -->c</Token><Empty/><List><Item>1</Item><Item>é</Item></List>
            </s:Answer>
            """
        let document = try XMLNode(text.utf8)
        #expect(document.name == "Answer" && document.children.map(\.name) == ["Token", "Empty", "List"])
        #expect(document["Token"]?.text == "a<b/A&c" && document["Empty"]?.text == "")
        #expect(document["List"]?.children.map(\.text) == ["1", "é"])
    }

    @Test(arguments: [
        "", "<", "<a", "<a>", "<a></b>", "<a/><b/>", "text", "<a b></a>", "<a b=c></a>", "<a>&nbsp;</a>",
        "<a>&#xD800;</a>",
        "<a>&#99999999999;</a>", "<a>&lt</a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a><![CDATA[b]]></a>",
        "<a><!-- </a>",
        "<?xml <a/>", String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
    ])
    func `what is something else is refused`(text: String) {
        #expect(throws: XMLNode.Problem.self) { try XMLNode(text.utf8) }
    }

    @Test func `there are not more elements than the limit`() throws {
        let many = String(repeating: "<b/>", count: XMLNode.countMax - 1)
        #expect(try XMLNode("<a>\(many)</a>".utf8).children.count == XMLNode.countMax - 1)
        #expect(throws: XMLNode.Problem.self) { try XMLNode("<a>\(many)<b/></a>".utf8) }
        #expect(throws: XMLNode.Problem.self) { try XMLNode(Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) }
    }
}

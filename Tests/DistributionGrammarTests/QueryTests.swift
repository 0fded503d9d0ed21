import DistributionGrammar
import OCI
import RegistryContract
import Testing

@Suite struct QueryTests {
    @Test(arguments: [
        ("", ListQuery()), ("?", ListQuery()), ("?&&", ListQuery()), ("?=", ListQuery()), ("?x", ListQuery()),
        ("?x=1&n=5&y", ListQuery(count: 5)), ("?n=1&n=2", ListQuery(count: 1)), ("?N=1", ListQuery()),
        ("?%6E=7", ListQuery(count: 7)), ("?n=%31", ListQuery(count: 1)), ("?n=007", ListQuery(count: 7)),
        ("?n=99999999999999999999999", ListQuery(count: .max)), ("?last=", ListQuery()), ("?last", ListQuery()),
        ("?last=a=b", ListQuery(last: "a=b")), ("?last=a%26b", ListQuery(last: "a&b")),
        ("?last=a+b", ListQuery(last: "a+b")), ("?last=%00", ListQuery(last: "\0")),
        ("?last=a?b", ListQuery(last: "a?b")), ("?last=%C3%A9", ListQuery(last: "é")),
        ("?last=é", ListQuery(last: "é")),
        ("?ns=docker.io&last=x", ListQuery(last: "x")), ("?l%61st=x&last=y", ListQuery(last: "x")),
    ])
    func `a query is read with the first of each name, and unknown ones mean nothing`(
        query: String,
        expected: ListQuery
    ) throws {
        #expect(try Sample.read("GET", "/v2/_catalog\(query)") == .catalog(expected))
    }

    @Test func `a push may bring 1000 tags beside other parameters`() throws {
        let tags = (0..<1000).map { "tag=t\($0)" }.joined(separator: "&")
        guard case .putManifest(_, _, let read) = try Sample.read("PUT", "/v2/a/manifests/x?ns=y&\(tags)") else {
            Issue.record("this is no push")
            return
        }
        #expect(read.map(\.description) == (0..<1000).map { "t\($0)" })
    }

    @Test(arguments: [
        ("", ""), ("azAZ09-._~:", "azAZ09-._~:"), ("/", "%2F"), (" ", "%20"), ("+", "%2B"), ("é", "%C3%A9"),
        ("\n\0", "%0A%00"), ("<>\"", "%3C%3E%22"), ("😀", "%F0%9F%98%80"), ("%2F", "%252F"),
    ])
    func `percent-encoding leaves nothing that could end a header`(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(PercentEncoding.decode(encoded[...]) == text)
        #expect(PercentEncoding.decode(encoded.lowercased()[...])?.lowercased() == text.lowercased())
    }

    @Test(arguments: ["%", "%1", "a%", "%G0", "%0G", "% 0", "%+1", "%-1", "%%", "%C3", "%FF", "%C0%80", "%ED%A0%80"])
    func `what is not well percent-encoded is nothing`(text: String) {
        #expect(PercentEncoding.decode(text[...]) == nil)
    }
}

import Foundation
import Testing

@testable import Auditing
@testable import Metadata

@Suite struct ExportTests {
    private func record(_ change: (inout AuditRecord) -> Void = { _ in }) -> AuditRecord {
        var record = AuditRecord(
            id: 7,
            seal: 2,
            place: 0,
            fact: AuditFact(
                at: Timestamp(microseconds: 1_700_000_000_000_042),
                principal: "user:alice",
                address: "2001:db8::1",
                requestID: "9b23",
                action: "user.create",
                target: "user:bob",
                outcome: .allowed,
                reason: "a role",
                details: #"{"admin":true}"#,
                times: 3
            )
        )
        change(&record)
        return record
    }

    @Test func `an entry is one line, with its fields in their order`() {
        let line =
            #"{"at":"2023-11-14T22:13:20.000042Z","principal":"user:alice","address":"2001:db8::1","#
            + #""request":"9b23","action":"user.create","target":"user:bob","outcome":"allowed","reason":"a role","#
            + #""details":{"admin":true},"times":3,"seal":2,"place":0}"#
        #expect(AuditExport.line(record()) == line)
    }

    @Test func `what is not there is null`() {
        let line = AuditExport.line(record { ($0.seal, $0.place, $0.fact.details) = (nil, nil, "") })
        #expect(line.hasSuffix(#""details":null,"times":3,"seal":null,"place":null}"#))
    }

    @Test(arguments: [
        "\"", "\\", "\n\r\t", "\u{0}\u{1F}\u{7F}", "é\u{2028}😀", "</script>", "{", "{}{}", "[1,\n2]", "{\"a\":\n1}",
    ])
    func `whatever a field holds, the line is one line of JSON with that in it`(text: String) throws {
        let line = AuditExport.line(record { ($0.fact.reason, $0.fact.details) = (text, text) })
        #expect(!line.utf8.contains(0x0A) && !line.utf8.contains(0x0D))
        let read = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(read?["reason"] as? String == text)
        #expect(read?.count == 12)
        #expect(read?["details"] != nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"), (4_102_444_799_999_999, "2099-12-31T23:59:59.999999Z"),
    ])
    func `a moment is written to the microsecond`(microseconds: Int64, text: String) {
        #expect(AuditExport.rfc3339(Timestamp(microseconds: microseconds)) == text)
    }
}

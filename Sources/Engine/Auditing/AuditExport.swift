import Foundation
public import Metadata

/// The audit as JSON lines (one object of RFC 8259 a line), for other tools to read.
public enum AuditExport {
    /// One entry as one line, without the line feed.
    ///
    /// The fields are always all there, in this order: `at`, `principal`, `address`, `request`, `action`, `target`,
    /// `outcome`, `reason`, `details`, `times`, `seal`, `place`. `details` is an object or null; `seal` and `place` are
    /// null while an entry has no seal.
    public static func line(_ record: AuditRecord) -> String {
        let fact = record.fact
        let fields = [
            ("at", quoted(rfc3339(fact.at))), ("principal", quoted(fact.principal)),
            ("address", quoted(fact.address)), ("request", quoted(fact.requestID)), ("action", quoted(fact.action)),
            ("target", quoted(fact.target)), ("outcome", quoted(fact.outcome.rawValue)),
            ("reason", quoted(fact.reason)), ("details", details(fact.details)), ("times", "\(fact.times)"),
            ("seal", record.seal.map(String.init) ?? "null"), ("place", record.place.map(String.init) ?? "null"),
        ]
        return "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    /// A moment as RFC 3339 has it, in UTC, to the microsecond.
    public static func rfc3339(_ moment: Timestamp) -> String {
        var microseconds = moment.microseconds % 1_000_000
        if microseconds < 0 { microseconds += 1_000_000 }
        let seconds = (moment.microseconds - microseconds) / 1_000_000
        let text = Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
        let digits = String(microseconds + 1_000_000).dropFirst()
        return "\(text.dropLast()).\(digits)Z"
    }

    /// What changed, as it is; a text where it is not JSON, as an entry that somebody has changed may be.
    private static func details(_ text: String) -> String {
        guard !text.isEmpty else { return "null" }
        guard (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil else {
            return quoted(text)
        }
        // Between the values of JSON a line feed means nothing, and within them there is none.
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" }))
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted += "\\"
                quoted.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default:
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

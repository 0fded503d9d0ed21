import Foundation
import Metadata
import Testing

/// Moments as texts, in UTC and to the minute: `2026-03-29 01:00`.
enum Moment {
    static func read(_ text: String) throws -> Timestamp {
        let date = try Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(
            includingFractionalSeconds: false
        ).parse(text + ":00")
        return Timestamp(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000)
    }

    static func text(_ moment: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: TimeInterval(moment.microseconds / 1_000_000))
        let text = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(
            includingFractionalSeconds: false
        ).format(date)
        return String(text.dropLast(3))
    }
}

@Suite struct MomentTests {
    @Test func `a moment is read as it is written`() throws {
        #expect(try Moment.read("1970-01-02 00:01").microseconds == 86_460_000_000)
        #expect(Moment.text(Timestamp(microseconds: 1_774_746_000_000_000)) == "2026-03-29 01:00")
    }
}

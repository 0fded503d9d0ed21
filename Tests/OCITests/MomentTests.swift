import OCI
import Testing

@Suite struct MomentTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (1, "1970-01-01T00:00:00.000001Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"), (1_793_534_400_123_456, "2026-11-01T12:00:00.123456Z"),
        (-62_167_219_200_000_000, "0000-01-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func `a moment is written and read alike`(microseconds: Int64, text: String) throws {
        let moment = Moment(microseconds: microseconds)
        #expect(moment.description == text)
        #expect(Moment(text) == moment)
        #expect(moment.toSecond == text.prefix(19) + "Z")
        #expect(try #require(Moment(moment.toSecond)).seconds == moment.seconds)
    }

    @Test(arguments: [
        ("2026-11-01T12:00:00Z", 0), ("2026-11-01t12:00:00z", 0), ("2026-11-01T13:00:00+01:00", 0),
        ("2026-11-01T06:30:00-05:30", 0), ("2026-11-01T12:00:00.5Z", 500_000),
        ("2026-11-01T12:00:00.1234569Z", 123_456), ("2026-11-01T11:59:60Z", 0),
    ])
    func `zones and parts of a second are read`(text: String, fraction: Int64) {
        #expect(Moment(text)?.microseconds == 1_793_534_400_000_000 + fraction)
    }

    @Test(arguments: [
        "", "2026-11-01", "2026-11-01T12:00Z", "2026-11-01T12:00:00", "2026-11-01 12:00:00Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-31T00:00:00Z",
        "2026-11-01T24:00:00Z", "2026-11-01T12:60:00Z", "2026-11-01T12:00:61Z", "2026-11-01T12:00:00.Z",
        "2026-11-01T12:00:00+24:00", "2026-11-01T12:00:00+0100", "2026-11-01T12:00:00Z ", "-026-11-01T12:00:00Z",
        "2026-11-01T12:00:00." + String(repeating: "0", count: 30) + "Z", "２026-11-01T12:00:00Z",
    ])
    func `what is no moment is none`(text: String) {
        #expect(Moment(text) == nil)
    }

    @Test func `the earlier is the smaller`() {
        #expect(Moment(microseconds: 1) < Moment(microseconds: 2))
        #expect(Moment(microseconds: -1).seconds == -1)
    }
}

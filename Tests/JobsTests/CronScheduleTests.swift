import Metadata
import Testing

@testable import Jobs

@Suite struct CronScheduleTests {
    /// The first times after a moment, as clocks of the zone show them, with the offset where `offsets` is wanted.
    static func times(
        _ text: String,
        after start: String,
        in zone: String = "UTC",
        count: Int
    ) throws -> [String] {
        let schedule = try CronSchedule(text)
        var moment = try Moment.read(start)
        return try (0..<count).map { _ in
            moment = try #require(schedule.next(after: moment, in: zone))
            return Moment.text(moment)
        }
    }

    @Test(arguments: [
        ("* * * * *", ["2026-01-31 23:59", "2026-02-01 00:00"]),
        ("*/15 * * * *", ["2026-02-01 00:00", "2026-02-01 00:15", "2026-02-01 00:30"]),
        ("7,3 4 * * *", ["2026-02-01 04:03", "2026-02-01 04:07", "2026-02-02 04:03"]),
        ("50-59/4 23 31 * *", ["2026-03-31 23:50", "2026-03-31 23:54", "2026-03-31 23:58", "2026-05-31 23:50"]),
        ("0 0 29 feb *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 12 * * mon", ["2026-02-02 12:00", "2026-02-09 12:00"]),
        ("0 12 * * 7", ["2026-02-01 12:00", "2026-02-08 12:00"]),
        ("0 12 * * fri-sun", ["2026-02-01 12:00", "2026-02-06 12:00", "2026-02-07 12:00", "2026-02-08 12:00"]),
        ("0 12 * * 5-7", ["2026-02-01 12:00", "2026-02-06 12:00", "2026-02-07 12:00", "2026-02-08 12:00"]),
        ("0 0 1 JAN,Jul *", ["2026-07-01 00:00", "2027-01-01 00:00"]),
        ("0 0 1 1-12/6 *", ["2026-07-01 00:00", "2027-01-01 00:00"]),
        // One of the two days is enough where both are given.
        ("0 0 13 * fri", ["2026-02-06 00:00", "2026-02-13 00:00", "2026-02-20 00:00", "2026-02-27 00:00"]),
        ("0 0 10 * fri", ["2026-02-06 00:00", "2026-02-10 00:00", "2026-02-13 00:00"]),
        ("0 0 30 2 fri", ["2026-02-06 00:00", "2026-02-13 00:00"]),
    ])
    func `the next times are those of the fields`(text: String, expected: [String]) throws {
        let start = "2026-01-31 23:58"
        #expect(try Self.times(text, after: start, count: expected.count) == expected)
    }

    @Test func `a time is not its own next`() throws {
        #expect(try Self.times("30 10 * * *", after: "2026-06-01 10:30", count: 1) == ["2026-06-02 10:30"])
        let before = try Moment.read("2026-06-01 10:30") - .microseconds(1)
        #expect(try CronSchedule("30 10 * * *").next(after: before, in: "UTC") == Moment.read("2026-06-01 10:30"))
    }

    @Test func `the 29th of February is found over a century without one`() throws {
        #expect(try Self.times("0 0 29 2 *", after: "2096-03-01 00:00", count: 1) == ["2104-02-29 00:00"])
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *",
        "* * * 13 *", "* * * * 8", "-1 * * * *", "+1 * * * *", "1- * * * *", "-5 * * * *", "5-1 * * * *",
        "1,,2 * * * *", ", * * * *", "*/0 * * * *", "*/60 * * * *", "5/2 * * * *", "*/ * * * *", "1.5 * * * *",
        "mon * * * *", "* * * * monday", "* * * foo *", "* * 30 2 *", "* * 31 4,6,9,11 *", "@daily", "٣ * * * *",
        "1-2-3 * * * *", "*/5/5 * * * *", "** * * * *",
    ])
    func `what is no schedule is refused with a sentence`(text: String) {
        let error = #expect(throws: CronSchedule.ParseError.self) { try CronSchedule(text) }
        #expect((error?.description.count ?? 0) > 20)
    }

    @Test func `what is too long is refused`() {
        let list = Array(repeating: "1", count: 300).joined(separator: ",")
        #expect(throws: CronSchedule.ParseError.self) { try CronSchedule("\(list) * * * *") }
    }

    @Test func `a text keeps its meaning`() throws {
        #expect(try CronSchedule(" 0\t 3  * * MON ").text == "0 3 * * MON")
        #expect(try CronSchedule("0 0 31 2,3 *").text == "0 0 31 2,3 *")
    }

    @Test(arguments: [0, 1, 2], [1, 60, 97])
    func `a day at a time gives what all minutes give`(seed: Int, step: Int) throws {
        let texts = ["*/7 3-5 * * *", "0 0 1-7 * mon", "59 23 28-31 2,12 *"]
        let schedule = try CronSchedule(texts[seed])
        let start = try Moment.read("2027-12-27 00:00")
        var minutes: [Timestamp] = []
        for minute in 1...(70 * 1440) {
            let moment = start + .seconds(minute * 60)
            let day = CivilDay(number: Int(moment.microseconds / 86_400_000_000))
            let ofDay = Int(moment.microseconds / 60_000_000 % 1440)
            if schedule.includes(day), schedule.hours.contains(ofDay / 60), schedule.minutes.contains(ofDay % 60) {
                minutes.append(moment)
            }
        }
        try #require(minutes.count > 3)
        for number in stride(from: 0, to: minutes.count - 1, by: step) {
            #expect(schedule.next(after: minutes[number], in: "UTC") == minutes[number + 1])
        }
    }
}

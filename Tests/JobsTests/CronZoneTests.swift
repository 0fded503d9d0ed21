import Foundation
import Metadata
import Testing

@testable import Jobs

/// What becomes of a schedule where clocks are changed; moments are in UTC.
///
/// Berlin goes from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC, and back from 03:00 to 02:00 on 2026-10-25 at 01:00 UTC.
/// New York goes from 02:00 to 03:00 on 2026-03-08 at 07:00 UTC, and back from 02:00 to 01:00 on 2026-11-01 at 06:00.
@Suite struct CronZoneTests {
    @Test(arguments: [
        // Before, on and after the day on which 02:30 is passed over.
        ("30 2 * * *", "2026-03-27 12:00", ["2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"]),
        // Six times are passed over: they come once.
        ("*/10 2 * * *", "2026-03-28 02:00", ["2026-03-29 01:00", "2026-03-30 00:00", "2026-03-30 00:10"]),
        // What is passed over and what comes when it is over are the same moment.
        ("0,30 2,3 * * *", "2026-03-28 03:00", ["2026-03-29 01:00", "2026-03-29 01:30", "2026-03-30 00:00"]),
        // Hours that all days have.
        ("0 12 * * *", "2026-03-28 00:00", ["2026-03-28 11:00", "2026-03-29 10:00", "2026-03-30 10:00"]),
        // Every hour goes on without a gap.
        ("0 * * * *", "2026-03-28 23:30", ["2026-03-29 00:00", "2026-03-29 01:00", "2026-03-29 02:00"]),
        // 02:30 comes twice, at 00:30 and at 01:30 UTC: the first counts.
        ("30 2 * * *", "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30", "2026-10-27 01:30"]),
        ("30 2 * * *", "2026-10-25 00:45", ["2026-10-26 01:30"]),
        (
            "*/30 1-3 25 10 *", "2026-10-24 22:30",
            [
                "2026-10-24 23:00", "2026-10-24 23:30", "2026-10-25 00:00", "2026-10-25 00:30", "2026-10-25 02:00",
                "2026-10-25 02:30", "2027-10-24 23:00",
            ]
        ),
        // Days of the week are those of the zone.
        ("0 0 * * sun", "2026-03-28 12:00", ["2026-03-28 23:00", "2026-04-04 22:00"]),
    ])
    func `in Berlin`(text: String, start: String, expected: [String]) throws {
        let found = try CronScheduleTests.times(text, after: start, in: "Europe/Berlin", count: expected.count)
        #expect(found == expected)
    }

    @Test(arguments: [
        ("30 2 * * *", "2026-03-07 12:00", ["2026-03-08 07:00", "2026-03-09 06:30"]),
        ("0 3 * * *", "2026-03-07 12:00", ["2026-03-08 07:00", "2026-03-09 07:00"]),
        ("30 1 * * *", "2026-10-31 12:00", ["2026-11-01 05:30", "2026-11-02 06:30"]),
        ("0 2 * * *", "2026-10-31 12:00", ["2026-11-01 07:00", "2026-11-02 07:00"]),
        ("0 0 1 * *", "2026-10-15 00:00", ["2026-11-01 04:00", "2026-12-01 05:00"]),
    ])
    func `in New York`(text: String, start: String, expected: [String]) throws {
        let found = try CronScheduleTests.times(text, after: start, in: "America/New_York", count: expected.count)
        #expect(found == expected)
    }

    @Test(arguments: [
        // Half an hour: Lord Howe goes from 02:00 to 02:30 on 2026-10-04 at 15:30 UTC of the day before.
        ("15 2 4 10 *", "Australia/Lord_Howe", "2026-10-01 00:00", "2026-10-03 15:30"),
        // A whole day: Samoa went from the 29th to the 31st of December 2011.
        ("0 12 30 12 *", "Pacific/Apia", "2011-12-29 00:00", "2011-12-30 10:00"),
        // A day without midnight: Santiago goes from 00:00 to 01:00 on 2026-09-06 at 04:00 UTC.
        ("0 0 * * *", "America/Santiago", "2026-09-05 12:00", "2026-09-06 04:00"),
        ("30 5 * * *", "Asia/Kolkata", "2026-01-01 00:00", "2026-01-02 00:00"),
    ])
    func `elsewhere`(text: String, zone: String, start: String, expected: String) throws {
        #expect(try CronScheduleTests.times(text, after: start, in: zone, count: 1) == [expected])
    }

    @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"])
    func `every minute that clocks show comes once, in order`(name: String) throws {
        let zone = try #require(ZoneTime(name))
        let foundation = try #require(TimeZone(identifier: name))
        let schedule = try CronSchedule("* * * * *")
        let changes = [
            "2026-03-08", "2026-03-29", "2026-04-04", "2026-09-06", "2026-10-03", "2026-10-25", "2026-11-01",
        ]
        for change in changes {
            var moment = try Moment.read("\(change) 00:00") - .seconds(7200)
            let end = moment + .seconds(86_400)
            var shown: Set<Int> = []
            while moment < end {
                let next = try #require(schedule.next(after: moment, in: zone))
                #expect(next > moment && next <= moment + .seconds(61 * 60))
                let second = Int(next.microseconds / 1_000_000)
                let date = Date(timeIntervalSince1970: TimeInterval(second))
                #expect(shown.insert(second + foundation.secondsFromGMT(for: date)).inserted)
                moment = next
            }
            #expect(shown.count >= 1380 && shown.count <= 1441)
        }
    }

    @Test(arguments: ["", "Berlin", "CET", "Europe/Nowhere", "europe", "../etc", "GMT+1"])
    func `a zone that there is not is refused`(zone: String) throws {
        #expect(throws: JobTimetable.ParseError.self) { try JobTimetable("0 0 * * *", zone: zone) }
        #expect(try CronSchedule("0 0 * * *").next(after: Moment.read("2026-01-01 00:00"), in: zone) == nil)
    }

    @Test func `intervals are whole seconds`() throws {
        let start = try Moment.read("2026-01-01 00:00")
        let timetable = try JobTimetable("@every 90s", zone: "UTC")
        #expect(timetable == .every(.seconds(90)) && timetable.text == "@every 90s" && timetable.zone == "UTC")
        #expect(timetable.next(after: start) == start + .seconds(90))
        for text in ["@every", "@every 0s", "@every -1s", "@every 5m", "@every 1.5s", "@every 10000000000s"] {
            #expect(throws: JobTimetable.ParseError.self) { try JobTimetable(text, zone: "UTC") }
        }
    }
}

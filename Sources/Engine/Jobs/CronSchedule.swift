/// When something is done again and again, as the five fields of cron(5) say it: minute, hour, day of the month, month,
/// day of the week.
///
/// A field is `*` or a list of values and ranges, each with a step behind `/` if need be: `*/10`, `1-5`, `mon,wed`,
/// `0-30/5`. Months and days of the week may be names of three letters; Sunday is 0 and 7.
///
/// As POSIX has it for crontab: where both the day of the month and the day of the week are given, a day that is one of
/// them is enough; where one of the two is `*`, the other decides.
public struct CronSchedule: Hashable, Sendable {
    /// What is wrong with a text.
    public struct ParseError: Error, Hashable, CustomStringConvertible {
        /// A sentence for who wrote it.
        public let description: String
    }

    /// The fields as they were written, one space between two.
    public let text: String

    let minutes: CronField
    let hours: CronField
    let days: CronField
    let months: CronField
    let weekdays: CronField

    /// The most bytes that a text may have.
    private static let byteCountMax = 500

    /// Reads five fields, and refuses what no day ever is.
    public init(_ text: String) throws(ParseError) {
        guard text.utf8.count <= Self.byteCountMax else {
            throw ParseError(description: "a schedule has at most \(Self.byteCountMax) bytes")
        }
        let fields = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard fields.count == 5 else {
            throw ParseError(
                description: "a schedule has five fields (minute, hour, day of the month, month, day of the week), "
                    + "and not \(fields.count): \"\(text)\""
            )
        }
        minutes = try CronField(fields[0], .minute)
        hours = try CronField(fields[1], .hour)
        days = try CronField(fields[2], .day)
        months = try CronField(fields[3], .month)
        weekdays = try CronField(fields[4], .weekday)
        self.text = fields.joined(separator: " ")
        guard isPossible else {
            throw ParseError(description: "no month of \"\(fields[3])\" has a day of \"\(fields[2])\"")
        }
    }

    /// Whether there is a day on which it is.
    private var isPossible: Bool {
        guard days.isGiven, !weekdays.isGiven, let first = days.values.first else { return true }
        return months.values.contains { first <= CivilDay.dayCountMax(ofMonth: $0) }
    }

    /// Whether it is on a day.
    func includes(_ day: CivilDay) -> Bool {
        guard months.contains(day.month) else { return false }
        switch (days.isGiven, weekdays.isGiven) {
        case (true, true): return days.contains(day.day) || weekdays.contains(day.weekday)
        case (true, false): return days.contains(day.day)
        case (false, true): return weekdays.contains(day.weekday)
        case (false, false): return true
        }
    }
}

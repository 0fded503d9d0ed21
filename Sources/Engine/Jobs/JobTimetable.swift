public import Metadata

/// When a job is put into the queue by itself.
public enum JobTimetable: Hashable, Sendable {
    /// At the times of five fields, by the clocks of a zone of the IANA database.
    case cron(CronSchedule, zone: String)
    /// After a time has passed since the last.
    case every(Duration)

    /// What is wrong with one.
    public typealias ParseError = CronSchedule.ParseError

    private static let everyWord = "@every "

    /// Reads what ``text`` and ``zone`` give.
    public init(_ text: String, zone: String) throws(ParseError) {
        guard text.hasPrefix(Self.everyWord) else {
            let schedule = try CronSchedule(text)
            guard ZoneTime(zone) != nil else {
                throw ParseError(description: "\"\(zone)\" is no time zone: give one such as Europe/Berlin, or UTC")
            }
            self = .cron(schedule, zone: zone)
            return
        }
        let number = text.dropFirst(Self.everyWord.count)
        guard number.hasSuffix("s"), let seconds = Int64(number.dropLast()), (1...1_000_000_000).contains(seconds)
        else {
            throw ParseError(
                description: "after @every stands a number of seconds, such as 600s, and not \"\(number)\""
            )
        }
        self = .every(.seconds(seconds))
    }

    /// The fields, or `@every` and a number of seconds.
    public var text: String {
        switch self {
        case .cron(let schedule, _): schedule.text
        case .every(let interval): "\(Self.everyWord)\(max(1, interval.components.seconds))s"
        }
    }

    /// The time zone of the fields; UTC where there are none.
    public var zone: String {
        switch self {
        case .cron(_, let zone): zone
        case .every: "UTC"
        }
    }

    /// The first time after a moment; nil only for a zone that this program does not know.
    public func next(after moment: Timestamp) -> Timestamp? {
        switch self {
        case .cron(let schedule, let zone): schedule.next(after: moment, in: zone)
        case .every(let interval): moment + max(interval, .seconds(1))
        }
    }
}

public import Metadata

extension CronSchedule {
    /// How many days are looked through: the 29th of February may be eight years away.
    private static let dayCountMax = 8 * 366 + 1

    /// The first moment after another at which it is time, by the clocks of a zone; nil for a zone that there is not.
    ///
    /// Where clocks are put forward, all times that they pass over come once, at the moment when they do. Where clocks
    /// are put back, a time that they show twice comes at the first.
    public func next(after moment: Timestamp, in zone: String) -> Timestamp? {
        ZoneTime(zone).flatMap { next(after: moment, in: $0) }
    }

    func next(after moment: Timestamp, in zone: ZoneTime) -> Timestamp? {
        let second = Self.floor(Int(moment.microseconds), 1_000_000)
        let shown = zone.local(at: second)
        let today = Self.floor(shown, 86_400)
        let (hours, minutes) = (hours.values, minutes.values)
        for number in today..<(today + Self.dayCountMax) where includes(CivilDay(number: number)) {
            for hour in hours {
                for minute in minutes {
                    let local = number * 86_400 + hour * 3600 + minute * 60
                    // What clocks have shown or passed over does not come for the first time.
                    guard local > shown else { continue }
                    let found = zone.moment(ofLocal: local)
                    guard found <= second else { return Timestamp(microseconds: Int64(found) * 1_000_000) }
                }
            }
        }
        return nil
    }

    /// A quotient of whole numbers, rounded down.
    private static func floor(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}

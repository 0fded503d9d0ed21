/// A day of the calendar, wherever it is.
///
/// The conversions are those of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
struct CivilDay: Hashable, Sendable {
    /// The days since 1970-01-01.
    let number: Int
    /// Its month, from 1.
    let month: Int
    /// Its day of the month, from 1.
    let day: Int

    /// The day that is some days after 1970-01-01.
    init(number: Int) {
        self.number = number
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    }

    /// Its day of the week; Sunday is 0.
    var weekday: Int {
        // The first day of 1970 was a Thursday.
        ((number + 4) % 7 + 7) % 7
    }

    /// How many days a month has at most.
    static func dayCountMax(ofMonth month: Int) -> Int {
        switch month {
        case 2: 29
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

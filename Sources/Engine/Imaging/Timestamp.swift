/// Times as images have them: RFC 3339 texts.
public enum Timestamp {
    /// The latest time that has a year of four digits, in seconds since 1970.
    public static let secondsMax: Int64 = 253_402_300_799

    /// A time in seconds since 1970, as `1970-01-01T00:00:00Z`; times outside the years 1970 to 9999 at their edge.
    public static func text(_ seconds: Int64) -> String {
        let seconds = min(max(seconds, 0), secondsMax)
        let (year, month, day) = date(days: seconds / 86400)
        let clock = seconds % 86400
        let texts = [clock / 3600, clock / 60 % 60, clock % 60].map(twoDigits)
        let years = String(repeating: "0", count: 4 - String(year).utf8.count) + String(year)
        return "\(years)-\(twoDigits(month))-\(twoDigits(day))T\(texts.joined(separator: ":"))Z"
    }

    /// Seconds since 1970 of such a text, fractions of them dropped; nil for what is none.
    public static func seconds(_ text: String) -> Int64? {
        guard isValid(text) else { return nil }
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }
        let days = self.days(year: number(0..<4), month: number(5..<7), day: number(8..<10))
        var seconds = days * 86400 + number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19)
        if bytes.last != UInt8(ascii: "Z") {
            let start = bytes.count - 6
            let offset = number((start + 1)..<(start + 3)) * 3600 + number((start + 4)..<(start + 6)) * 60
            seconds -= bytes[start] == UInt8(ascii: "-") ? -offset : offset
        }
        return seconds
    }

    /// Whether a text is a time in RFC 3339.
    public static func isValid(_ text: String) -> Bool {
        let pattern =
            #/
            [0-9]{4} - (0[1-9]|1[0-2]) - (0[1-9]|[12][0-9]|3[01]) T ([01][0-9]|2[0-3]) : [0-5][0-9] : ([0-5][0-9]|60)
            (\.[0-9]{1,9})? (Z|[+\-][0-9]{2}:[0-9]{2})
            /#
        return text.utf8.count <= 40 && text.wholeMatch(of: pattern) != nil
    }

    /// The time that `SOURCE_DATE_EPOCH` of an environment names, in seconds since 1970; 0 where it names none.
    ///
    /// Source: reproducible-builds.org, "SOURCE_DATE_EPOCH specification".
    ///
    /// - Throws: `requestInvalid` when what it names is no time.
    public static func sourceDateEpoch(_ environment: [String: String]) throws(ImagingError) -> Int64 {
        guard let text = environment["SOURCE_DATE_EPOCH"], !text.isEmpty else { return 0 }
        guard let seconds = Int64(text), (0...secondsMax).contains(seconds) else {
            throw ImagingError(
                .requestInvalid,
                "SOURCE_DATE_EPOCH is \(text.prefix(40)), which is no count of seconds."
            )
        }
        return seconds
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    /// The date of a day counted from 1 January 1970.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days, for days not before
    /// 1970.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (year + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day of a date counted from 1 January 1970; days_from_civil of the same source.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let ofEra = year - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}

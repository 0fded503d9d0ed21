/// A moment, in JSON as RFC 3339 has it: `2026-11-01T12:00:00.000000Z`.
public struct Instant: Hashable, Sendable, Comparable {
    /// Microseconds since 1970.
    public let microseconds: Int64

    /// Names a moment.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The earlier is the smaller.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Reads a moment as RFC 3339 has it, with or without parts of a second, or a day alone; nil for anything else.
    public init?(_ text: String) {
        var rest = text.utf8.count == 10 ? Substring(text + "T00:00:00Z") : text[...]
        guard text.utf8.count <= 40, let day = Self.day(&rest), let time = Self.time(&rest),
            let fraction = Self.fraction(&rest), let offset = Self.offset(&rest), rest.isEmpty
        else { return nil }
        self.init(microseconds: (day * 86_400 + time - offset) * 1_000_000 + fraction)
    }

    /// The last moment of the year 9999, behind which there is no way to write one.
    public static let last = Instant(microseconds: 253_402_300_799_999_999)
}

/// Reading from the beginning of a text.
extension Instant {
    private static func take(_ byte: String, _ rest: inout Substring) -> Bool {
        guard rest.utf8.starts(with: byte.utf8) else { return false }
        rest = rest[rest.utf8.index(rest.startIndex, offsetBy: byte.utf8.count)...]
        return true
    }

    private static func number(_ digitCount: Int, _ rest: inout Substring) -> Int64? {
        let digits = rest.utf8.prefix(digitCount)
        guard digits.count == digitCount, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest[digits.endIndex...]
        return Int64(Substring(digits))
    }

    /// Days since 1970 in the calendar of RFC 3339, whose years have four digits.
    private static func day(_ rest: inout Substring) -> Int64? {
        guard let year = number(4, &rest), take("-", &rest), let month = number(2, &rest), take("-", &rest),
            let day = number(2, &rest), (1...12).contains(month)
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
        // Years that begin in March have their leap day at the end.
        let (march, years) = ((month + 9) % 12, year - (month <= 2 ? 1 : 0))
        let leapDays = (years + 400) / 4 - (years + 400) / 100 + (years + 400) / 400
        return (years + 400) * 365 + leapDays + (153 * march + 2) / 5 + day - 1 - 719_468 - 146_097
    }

    private static func time(_ rest: inout Substring) -> Int64? {
        guard take("T", &rest) || take("t", &rest), let hour = number(2, &rest), take(":", &rest),
            let minute = number(2, &rest), take(":", &rest), let second = number(2, &rest)
        else { return nil }
        // A leap second is the beginning of the next one.
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// Microseconds: what is finer is passed over.
    private static func fraction(_ rest: inout Substring) -> Int64? {
        guard take(".", &rest) else { return 0 }
        let digits = rest.utf8.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest[digits.endIndex...]
        let kept = String(Substring(digits.prefix(6)))
        return Int64(kept + String(repeating: "0", count: 6 - kept.utf8.count))
    }

    /// How far the clock is before UTC, in seconds.
    private static func offset(_ rest: inout Substring) -> Int64? {
        if take("Z", &rest) || take("z", &rest) { return 0 }
        let sign: Int64 = take("+", &rest) ? 1 : -1
        guard sign == 1 || take("-", &rest), let hours = number(2, &rest), take(":", &rest),
            let minutes = number(2, &rest), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

extension Instant: CustomStringConvertible {
    /// The moment in UTC, to the microsecond.
    public var description: String {
        let (second, fraction) = Self.divided(microseconds, by: 1_000_000)
        let (day, time) = Self.divided(second, by: 86_400)
        // Years that begin in March, in spans of 400 of them (RFC 3339 appendix B has the same reckoning).
        let (era, dayOfEra) = Self.divided(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let date = [(year, 4), (month, 2), (dayOfYear - (153 * march + 2) / 5 + 1, 2)].map(Self.digits)
        let clock = [(time / 3600, 2), (time / 60 % 60, 2), (time % 60, 2)].map(Self.digits)
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "." + Self.digits(fraction, 6) + "Z"
    }

    private static func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// Quotient and rest, rounded downwards.
    private static func divided(_ number: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}

extension Instant: Codable {
    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let moment = Instant(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a moment is written as 2026-11-01T12:00:00Z"
            )
        }
        self = moment
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

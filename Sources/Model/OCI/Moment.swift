/// A moment, as RFC 3339 writes it: `2026-11-01T12:00:00.000000Z`.
///
/// The specifications have it for when an image was made, and wharf for when a tag was moved.
public struct Moment: Hashable, Sendable, Comparable {
    /// Microseconds since 1970.
    public let microseconds: Int64

    /// Names a moment.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The earlier is the smaller.
    public static func < (left: Moment, right: Moment) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The whole seconds since 1970, rounded downwards.
    public var seconds: Int64 { Self.divided(microseconds, by: 1_000_000).quotient }

    /// Reads a moment with its zone, with or without parts of a second; nil for anything else.
    ///
    /// A leap second is the beginning of the next one; what is finer than a microsecond is passed over.
    public init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8.prefix(41))[...]
        guard rest.count <= 40, let days = Self.days(&rest), Self.take("Tt", &rest), let time = Self.time(&rest),
            let fraction = Self.fraction(&rest), let offset = Self.offset(&rest), rest.isEmpty
        else { return nil }
        self.init(microseconds: (days * 86_400 + time - offset) * 1_000_000 + fraction)
    }
}

// MARK: - Reading from the beginning

extension Moment {
    /// Takes one byte away, if it is one of some.
    private static func take(_ bytes: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first, bytes.utf8.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ digitCount: Int, _ rest: inout ArraySlice<UInt8>) -> Int64? {
        let digits = rest.prefix(digitCount)
        guard digits.count == digitCount, digits.allSatisfy(isDigit) else { return nil }
        rest.removeFirst(digitCount)
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Days since 1970.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`, for years of four
    /// digits.
    private static func days(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let year = number(4, &rest), take("-", &rest), let month = number(2, &rest), take("-", &rest),
            let day = number(2, &rest), (1...12).contains(month)
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
        // Years that begin in March have their leap day at the end; 400 of them keep all numbers from falling below 0.
        let (march, shifted) = ((month + 9) % 12, year - (month <= 2 ? 1 : 0) + 400)
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * march + 2) / 5 + day - 1
            - 719_468 - 146_097
    }

    /// Seconds since midnight.
    private static func time(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let hour = number(2, &rest), take(":", &rest), let minute = number(2, &rest), take(":", &rest),
            let second = number(2, &rest), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// Microseconds.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard take(".", &rest) else { return 0 }
        let digits = rest.prefix(while: isDigit)
        guard !digits.isEmpty else { return nil }
        rest.removeFirst(digits.count)
        let kept = digits.prefix(6)
        return (kept.count..<6).reduce(kept.reduce(0) { $0 * 10 + Int64($1 - 0x30) }) { number, _ in number * 10 }
    }

    /// How far the clock is before UTC, in seconds.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        if take("Zz", &rest) { return 0 }
        let sign: Int64 = take("+", &rest) ? 1 : -1
        guard sign == 1 || take("-", &rest), let hours = number(2, &rest), take(":", &rest),
            let minutes = number(2, &rest), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

// MARK: - Writing

extension Moment: CustomStringConvertible {
    /// The moment in UTC, to the microsecond.
    public var description: String {
        let fraction = Self.divided(microseconds, by: 1_000_000).rest
        return "\(toSecond.dropLast()).\(Self.digits(fraction, 6))Z"
    }

    /// The moment in UTC, to the second: what is finer is left out.
    ///
    /// Source: the same, `civil_from_days`.
    public var toSecond: String {
        let (day, time) = Self.divided(seconds, by: 86_400)
        let (era, dayOfEra) = Self.divided(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let date = [(year, 4), (month, 2), (dayOfYear - (153 * march + 2) / 5 + 1, 2)].map(Self.digits)
        let clock = [(time / 3600, 2), (time / 60 % 60, 2), (time % 60, 2)].map(Self.digits)
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "Z"
    }

    private static func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// Quotient and rest, rounded downwards.
    private static func divided(_ number: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}

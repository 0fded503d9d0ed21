import AdminModel
import ArgumentParser
import Foundation

/// Until when something is to hold: `30d`, `never`, `2027-01-31`, or a moment of RFC 3339.
enum Expiry: ExpressibleByArgument, Sendable {
    case never
    case after(TimeSpan)
    case at(Instant)

    static let placeholder = "30d|DATE|never"

    init?(argument: String) {
        if argument == "never" {
            self = .never
        } else if let span = TimeSpan(argument: argument) {
            self = .after(span)
        } else if let moment = Instant(argument) {
            self = .at(moment)
        } else {
            return nil
        }
    }

    /// The moment; nil for never.
    var moment: Instant? {
        switch self {
        case .never: nil
        case .after(let span):
            Instant(microseconds: (Int64(Date().timeIntervalSince1970) + Int64(span.seconds)) * 1_000_000)
        case .at(let moment): moment
        }
    }

    /// Whether there is no end.
    var isNever: Bool {
        if case .never = self { return true }
        return false
    }
}

/// A length of time as `90s`, `15m`, `12h`, `30d` or `2w`, or several of them together.
struct TimeSpan: ExpressibleByArgument, Sendable {
    let seconds: Int

    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    /// A hundred years: the sum cannot overflow what a moment is counted in.
    private static let secondsMax = 100 * 366 * 86_400

    init?(argument: String) {
        var rest = argument[...]
        var sum = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard digits.count < 11, let count = Int(digits), let letter = rest.popFirst(),
                let unit = Self.units[letter]
            else { return nil }
            sum += count * unit
            guard sum <= Self.secondsMax else { return nil }
        }
        seconds = sum
    }
}

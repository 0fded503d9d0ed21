import ArgumentParser
import Foundation
import OCI

/// A time in the past, as people type it: a day, a time of this machine's zone or of another, or a span before now.
struct TagTime: Sendable {
    /// What the help of an option says of it.
    static let help = """
        A day is meant to its end, and a time without a zone is of this machine's: 2026-11-01, 2026-11-01T12:00, \
        2026-11-01T12:00+01:00, or 2h for two hours ago.
        """

    /// The moment.
    let moment: Moment

    /// Reads one; nil for what is none.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - zone: What counts where no zone is said.
    ///   - now: What spans are counted back from.
    init?(_ text: String, zone: TimeZone, now: Date) {
        if let span = TimeSpan(argument: text) {
            let seconds = Int64(now.timeIntervalSince1970 * 1_000_000) - Int64(span.seconds) * 1_000_000
            moment = Moment(microseconds: seconds)
            return
        }
        let pattern =
            #/
            ([0-9]{4}-[0-9]{2}-[0-9]{2})
            (?:[Tt\x20]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,9})?)?([Zz]|[+\-][0-9:]{5})?)?
            /#
        guard text.utf8.count <= 40, let parts = text.wholeMatch(of: pattern)?.output else { return nil }
        guard let clock = parts.2 else {
            guard let day = Moment("\(parts.1)T00:00:00Z") else { return nil }
            let next = Self.moment(ofClock: day.seconds + 86_400, in: zone)
            moment = Moment(microseconds: next.microseconds - 1)
            return
        }
        let written = "\(parts.1)T\(clock)\(parts.3 ?? ":00")"
        if let offset = parts.4 {
            guard let found = Moment(written + offset) else { return nil }
            moment = found
        } else {
            guard let found = Moment(written + "Z") else { return nil }
            let local = Self.moment(ofClock: found.seconds, in: zone)
            moment = Moment(microseconds: local.microseconds + found.microseconds - found.seconds * 1_000_000)
        }
    }

    /// When the clocks of a zone show what those of UTC show after so many seconds since 1970.
    private static func moment(ofClock seconds: Int64, in zone: TimeZone) -> Moment {
        func offset(at seconds: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
        }
        // Looked up twice: the first look may be on the other side of a change of the clocks.
        let near = seconds - offset(at: seconds)
        return Moment(microseconds: (seconds - offset(at: near)) * 1_000_000)
    }
}

extension Typed {
    /// A time in the past.
    static func time(_ text: String) throws -> TagTime {
        guard let time = TagTime(text, zone: .current, now: Date()) else {
            throw ValidationError(
                "\(text) is no time: write 2026-11-01, 2026-11-01T12:00, 2026-11-01T12:00:00+01:00, or 2h for two "
                    + "hours ago."
            )
        }
        return time
    }
}

import Foundation

/// The clocks of a time zone, in whole seconds since 1970.
struct ZoneTime: Sendable {
    private let zone: TimeZone

    /// The longest time around a moment in which a change of the clocks matters for it: no zone is farther from UTC.
    private static let reach = 86_400

    /// The clocks of a zone of the IANA database, such as `Europe/Berlin`; nil where there is none.
    init?(_ name: String) {
        guard let zone = Self.zone(name) else { return nil }
        self.zone = zone
    }

    private static func zone(_ name: String) -> TimeZone? {
        guard name != "UTC" else { return TimeZone(secondsFromGMT: 0) }
        // Abbreviations mean several zones, and Foundation guesses which.
        guard name.utf8.count <= 64, name.contains("/") else { return nil }
        return TimeZone(identifier: name)
    }

    /// What the clocks show at a moment, as if it were UTC.
    func local(at second: Int) -> Int {
        second + offset(at: second)
    }

    /// When the clocks first show a time, which is given as if it were UTC.
    ///
    /// Where they pass over it, the moment at which they do.
    func moment(ofLocal local: Int) -> Int {
        let (before, after) = (offset(at: local - Self.reach), offset(at: local + Self.reach))
        guard before != after else { return local - before }
        let shown = [local - before, local - after].filter { self.local(at: $0) == local }
        if let first = shown.min() { return first }
        // They are passed over where they are changed: the first moment at which they show more.
        var (low, high) = (local - Self.reach, local + Self.reach)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if self.local(at: middle) < local { low = middle } else { high = middle }
        }
        return high
    }

    private func offset(at second: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second)))
    }
}

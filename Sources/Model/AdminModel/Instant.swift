import OCI

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
    ///
    /// What ``OCI/Moment`` reads, and the day besides.
    public init?(_ text: String) {
        guard let moment = Moment(text.utf8.count == Self.dayByteCount ? text + "T00:00:00Z" : text) else { return nil }
        self.init(microseconds: moment.microseconds)
    }

    /// How long `2026-11-01` is.
    private static let dayByteCount = 10

    /// The last moment of the year 9999, behind which there is no way to write one.
    public static let last = Instant(microseconds: 253_402_300_799_999_999)
}

extension Instant: CustomStringConvertible {
    /// The moment in UTC, to the microsecond.
    public var description: String { Moment(microseconds: microseconds).description }
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

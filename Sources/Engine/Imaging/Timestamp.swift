import OCI

/// Times as images have them: RFC 3339 texts.
public enum Timestamp {
    /// The latest time that has a year of four digits, in seconds since 1970.
    public static let secondsMax: Int64 = 253_402_300_799

    /// A time in seconds since 1970, as `1970-01-01T00:00:00Z`; times outside the years 1970 to 9999 at their edge.
    public static func text(_ seconds: Int64) -> String {
        let seconds = min(max(seconds, 0), secondsMax)
        return Moment(microseconds: seconds * 1_000_000).toSecond
    }

    /// Seconds since 1970 of such a text, fractions of them dropped; nil for what is none.
    public static func seconds(_ text: String) -> Int64? {
        isValid(text) ? Moment(text)?.seconds : nil
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
}

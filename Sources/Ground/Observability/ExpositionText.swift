/// A page in the text format 0.0.4 of Prometheus, as it grows.
///
/// The format: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.
public struct ExpositionText: Sendable {
    /// The media type to send such a page with.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    mutating func declare(_ name: String, _ kind: MetricKind, help: String) {
        text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: MetricLabels, _ value: String) {
        text += "\(name)\(labels.text) \(value)\n"
    }

    /// A number as the format spells it: whole numbers without a fraction, infinities with their sign.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    /// Escapes what would end the line, and in a label's value what would end the value.
    static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\n": escaped += #"\n"#
            case "\"" where quotes: escaped += #"\""#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    static func isName(_ name: String) -> Bool {
        isIdentifier(name) { isLetter($0) || $0 == UInt8(ascii: ":") }
    }

    static func isLabelName(_ name: String) -> Bool {
        isIdentifier(name, isLetter)
    }

    private static func isIdentifier(_ name: String, _ mayBegin: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, mayBegin(first) else { return false }
        return name.utf8.allSatisfy { mayBegin($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

/// The labels of one series with their values.
public struct MetricLabels: Sendable {
    /// Empty without labels, else `{name="value",…}` with the values escaped.
    let text: String
    private let pairs: [(String, String)]

    init(_ pairs: [(String, String)]) {
        self.pairs = pairs
        let list = pairs.map { "\($0)=\"\(ExpositionText.escape($1, quotes: true))\"" }.joined(separator: ",")
        text = list.isEmpty ? "" : "{\(list)}"
    }

    func adding(_ name: String, _ value: String) -> MetricLabels {
        MetricLabels(pairs + [(name, value)])
    }
}

import Logging

/// One event as it will stand in the log, before it has a form.
struct LogLine {
    let time: LogTime
    let level: Logger.Level
    let label: String
    let message: String
    let metadata: Logger.Metadata

    /// One JSON object, its keys in a fixed order, the metadata's sorted.
    func json() -> String {
        var text = #"{"time":"\#(time.text)","level":"\#(level)","logger":"#
        text += Self.jsonString(label) + #","message":"# + Self.jsonString(message)
        if !metadata.isEmpty { text += #","metadata":"# + Self.json(.dictionary(metadata)) }
        return text + "}\n"
    }

    /// A line for human eyes: time of day, level, message, then `key=value`, where a value with a space is quoted.
    func readable() -> String {
        let name = "\(level)"
        let padded = name + String(repeating: " ", count: max(1, 9 - name.count))
        var text = "\(time.clock) \(padded)\(Self.escape(message, quotes: false))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            text += " \(Self.escape(key, quotes: false))=\(Self.readable(value))"
        }
        return text + "\n"
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let string): return jsonString(string)
        case .stringConvertible(let convertible): return jsonString(convertible.description)
        case .array(let values): return "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let pairs):
            let members = pairs.sorted { $0.key < $1.key }.map { jsonString($0.key) + ":" + json($0.value) }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private static func readable(_ value: Logger.MetadataValue) -> String {
        let text = value.description
        let plain = !text.isEmpty && !text.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return plain ? escape(text, quotes: false) : jsonString(text)
    }

    private static func jsonString(_ text: String) -> String {
        "\"" + escape(text, quotes: true) + "\""
    }

    /// Writes every character that could end a line, drive a terminal or turn the reading direction as `\u` and four
    /// digits (a line feed as `\n`), so that nothing from a client can look like a line of ours.
    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += #"\n"#
            case "\r": escaped += #"\r"#
            case "\t": escaped += #"\t"#
            case "\\": escaped += #"\\"#
            case "\"" where quotes: escaped += #"\""#
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{200e}"..."\u{200f}", "\u{2028}"..."\u{202e}",
                "\u{2066}"..."\u{2069}":
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

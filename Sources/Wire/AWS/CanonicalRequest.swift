import Outgoing

/// The one form of a request that both sides sign.
///
/// Source: AWS's "Create a signed AWS API request", step 1.
struct CanonicalRequest {
    /// How the path is written.
    enum PathForm {
        /// Each segment escaped once, and left where it stands: S3, whose keys may have `//` and `..` in them.
        case once
        /// Dots and double slashes resolved, and what is escaped escaped again: every other service.
        case twice
    }

    /// The text itself.
    let text: String
    /// The names of the fields that are signed, in small letters.
    let signedHeaders: String

    /// Fields that proxies and clients change on the way, and the one that the signature goes into.
    private static let unsigned: Set<String> = [
        "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    init(
        method: OutgoingMethod,
        path: some StringProtocol,
        query: String,
        headers: HeaderFields,
        payload: String,
        form: PathForm
    ) {
        var values: [String: [String]] = [:]
        for field in headers.fields {
            let name = field.name.lowercased()
            guard !Self.unsigned.contains(name) else { continue }
            let words = field.value.split { $0 == " " || $0 == "\t" }
            values[name, default: []].append(words.joined(separator: " "))
        }
        let names = values.keys.sorted()
        let lines = names.map { "\($0):\(values[$0, default: []].joined(separator: ","))\n" }.joined()
        signedHeaders = names.joined(separator: ";")
        let parts = [method.description, Self.path(path, form), query, lines, signedHeaders, payload]
        text = parts.joined(separator: "\n")
    }

    // MARK: - Paths and queries

    private static func path(_ path: some StringProtocol, _ form: PathForm) -> String {
        switch form {
        case .once: return Escaping.escaped(Escaping.bytes(of: path), keepsSlash: true)
        case .twice:
            var kept: [Substring] = []
            for segment in String(path).split(separator: "/") where segment != "." {
                if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
            }
            let end = path.hasSuffix("/") && !kept.isEmpty ? "/" : ""
            return Escaping.escaped(Array(("/" + kept.joined(separator: "/") + end).utf8), keepsSlash: true)
        }
    }

    /// The parameters of a query, escaped and in order.
    static func query(_ query: some StringProtocol, adding more: [(name: String, value: String)] = []) -> String {
        var pairs: [(name: String, value: String)] = query.split(separator: "&").map { part in
            let name = part.prefix { $0 != "=" }
            let value = part[name.endIndex...].dropFirst()
            return (Escaping.escaped(Escaping.bytes(of: name)), Escaping.escaped(Escaping.bytes(of: value)))
        }
        pairs += more.map { (Escaping.escaped(Array($0.name.utf8)), Escaping.escaped(Array($0.value.utf8))) }
        return pairs.sorted { $0 < $1 }.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

/// Percent signs as signatures have them: all but RFC 3986's unreserved characters, with capital digits.
public enum Escaping {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func escaped(_ bytes: [UInt8], keepsSlash: Bool = false) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: text.append(byte)
            case _ where "-._~".utf8.contains(byte) || (keepsSlash && byte == UInt8(ascii: "/")): text.append(byte)
            default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A text as it stands in a path, where slashes are kept, or in a query.
    public static func escaped(_ text: String, keepsSlash: Bool = false) -> String {
        escaped(Array(text.utf8), keepsSlash: keepsSlash)
    }

    /// The bytes that an escaped text stands for; a percent sign without two digits stands for itself.
    public static func bytes(of text: some StringProtocol) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let pair = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            if byte == UInt8(ascii: "%"), pair.count == 2 {
                bytes.append(UInt8(pair[0] << 4 | pair[1]))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

/// What a server says that it wants to know of who calls (RFC 9110 section 11.6.1).
public struct AuthenticationChallenge: Hashable, Sendable {
    /// The scheme in lower case, such as `bearer`.
    public var scheme: String
    /// The parameters, their names in lower case; of two with one name the first counts.
    public var parameters: [String: String] = [:]

    /// No field is read further than this, in bytes.
    static let fieldByteCountMax = 16 << 10
    /// No more challenges are read.
    package static let countMax = 16
    /// No more parameters of one challenge are read.
    package static let parameterCountMax = 32

    /// The challenges of all fields, in their order; what cannot be read ends the field that it stands in.
    public static func parse(_ fields: [String]) -> [AuthenticationChallenge] {
        var found: [AuthenticationChallenge] = []
        for field in fields {
            guard found.count < countMax else { break }
            var reader = ChallengeReader(bytes: Array(field.utf8.prefix(fieldByteCountMax)))
            found += reader.challenges(upTo: countMax - found.count)
        }
        return found
    }
}

/// A field, and how far it was read.
///
/// `challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`, with commas between challenges and between parameters:
/// a token that `=` follows is a parameter, and any other begins the next challenge.
private struct ChallengeReader {
    let bytes: [UInt8]
    var position = 0

    mutating func challenges(upTo countMax: Int) -> [AuthenticationChallenge] {
        var found: [AuthenticationChallenge] = []
        while found.count < countMax {
            skipCommas()
            guard let scheme = token() else { break }
            var challenge = AuthenticationChallenge(scheme: scheme.lowercased())
            let isWhole = parameters(of: &challenge)
            found.append(challenge)
            guard isWhole else { break }
        }
        return found
    }

    /// False when something stands there that cannot be read.
    private mutating func parameters(of challenge: inout AuthenticationChallenge) -> Bool {
        skipSpace()
        if skipToken68() { return true }
        while true {
            let start = position
            skipCommas()
            guard position < bytes.count else { return true }
            guard let name = token() else { return false }
            skipSpace()
            guard next == UInt8(ascii: "=") else {
                // The scheme of the next challenge.
                position = start
                return true
            }
            position += 1
            skipSpace()
            guard let value = next == UInt8(ascii: "\"") ? quoted() : token() else { return false }
            guard challenge.parameters.count < AuthenticationChallenge.parameterCountMax else { return false }
            let key = name.lowercased()
            if challenge.parameters[key] == nil { challenge.parameters[key] = value }
        }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 { position += 1 }
    }

    private mutating func skipCommas() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ",") { position += 1 }
    }

    private mutating func token() -> String? {
        let start = position
        while let byte = next, Self.isTokenByte(byte) { position += 1 }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    /// Passes over what stands in the place of parameters, up to the comma or the end; nothing else is one.
    private mutating func skipToken68() -> Bool {
        var end = position
        while end < bytes.count, Self.isTokenByte(bytes[end]) || bytes[end] == UInt8(ascii: "/") { end += 1 }
        guard end > position else { return false }
        while end < bytes.count, bytes[end] == UInt8(ascii: "=") { end += 1 }
        let isEnd = end == bytes.count || bytes[end] == UInt8(ascii: ",")
        guard isEnd else { return false }
        position = end
        return true
    }

    /// A quoted string without its quotes and backslashes; nil when it is not closed.
    private mutating func quoted() -> String? {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = next else { return nil }
                position += 1
                text.append(escaped)
            default: text.append(byte)
            }
        }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

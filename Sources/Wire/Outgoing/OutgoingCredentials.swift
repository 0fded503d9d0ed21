/// A user's name and password, which never print.
public struct OutgoingCredentials: Sendable, Hashable {
    /// The name.
    public let user: String
    /// The password.
    public let password: String

    /// Keeps both.
    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// What `Authorization` or `Proxy-Authorization` says (RFC 7617).
    public var basic: String {
        "Basic \(Base64.text(Array("\(user):\(password)".utf8)))"
    }
}

extension OutgoingCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of what they are.
    public var description: String { "<redacted>" }
    /// Nothing of what they are.
    public var debugDescription: String { "<redacted>" }
    /// Nothing of what they are.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Bytes as letters (RFC 4648 section 4).
enum Base64 {
    static func text(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                let digit = alphabet[Int(bits >> UInt32(18 - 6 * index)) & 63]
                text.append(index <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

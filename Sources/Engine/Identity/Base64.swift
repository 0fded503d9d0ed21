import Foundation

/// Base64 (RFC 4648), written without padding.
enum Base64 {
    /// In the usual alphabet.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    /// In the alphabet for URLs, as JSON Web Tokens have it.
    static func encodeForURL(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: encode(bytes).utf8.map(Self.forURL), as: UTF8.self)
    }

    /// Nil for what ``encode(_:)`` does not write: what is not base64, is padded, or has bits set behind its end.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard !text.utf8.contains(UInt8(ascii: "=")) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: text + padding), text.utf8.elementsEqual(encode(bytes).utf8) else {
            return nil
        }
        return Array(bytes)
    }

    /// Nil for what ``encodeForURL(_:)`` does not write.
    static func decodeFromURL(_ text: some StringProtocol) -> [UInt8]? {
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }) else { return nil }
        return decode(String(decoding: text.utf8.map(Self.fromURL), as: UTF8.self))
    }

    private static func forURL(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: byte
        }
    }

    private static func fromURL(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: byte
        }
    }
}

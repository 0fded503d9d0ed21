import Foundation
import Identity
import NIOHTTP1

/// The Authorization header, as far as it is understood here: `Basic` (RFC 7617) and `Bearer` (RFC 6750).
enum AuthorizationHeader {
    /// What a request brings; nil when it brings nothing.
    ///
    /// Throws ``NotAuthenticated`` for what cannot be read.
    static func credentials(in headers: HTTPHeaders) throws -> Credentials? {
        let values = headers["authorization"]
        guard let value = values.first else { return nil }
        guard values.count == 1 else { throw NotAuthenticated(reason: "there are several Authorization headers") }
        // As bytes: a token is long, comes with each request, and to look for characters in it would cost more than all
        // the rest.
        let bytes = Array(value.utf8).drop(while: isSpace)
        guard let space = bytes.firstIndex(where: isSpace) else {
            throw NotAuthenticated(reason: "the Authorization header has no credentials")
        }
        // There may be more than one space (RFC 9110 section 11.4).
        let rest = bytes[space...].drop(while: isSpace)
        guard !rest.isEmpty else {
            throw NotAuthenticated(reason: "the Authorization header has no credentials")
        }
        switch String(decoding: bytes[..<space], as: UTF8.self).lowercased() {
        case "bearer": return .bearer(Secret(Array(rest)))
        case "basic": return try basic(Array(rest))
        default: throw NotAuthenticated(reason: "the scheme of the Authorization header is not known here")
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ")
    }

    private static func basic(_ text: [UInt8]) throws -> Credentials {
        guard let bytes = Data(base64Encoded: Data(text)), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let name = String(validating: bytes[..<colon], as: UTF8.self)
        else { throw NotAuthenticated(reason: "the Basic credentials cannot be read") }
        return try credentials(name, Secret(Array(bytes[(colon + 1)...])))
    }

    /// A name and a password, wherever they came from.
    ///
    /// Throws ``NotAuthenticated`` for what cannot be a name.
    static func credentials(_ name: String, _ password: Secret) throws -> Credentials {
        guard isName(name) else { throw NotAuthenticated(reason: "the name is none that an account could have") }
        return .basic(name: name, password)
    }

    /// No name has a control character, and a log should not show one either.
    private static func isName(_ name: String) -> Bool {
        (1...256).contains(name.utf8.count) && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}

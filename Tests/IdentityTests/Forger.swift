import Crypto
import Foundation

@testable import Identity

/// Makes texts that look like tokens, with whatever header, claims and signature.
struct Forger: Sendable {
    /// A token that holds, and its text.
    let token: AccessToken
    let text: String
    /// The key that has signed it.
    let key: TokenKeys.Key

    var parts: [String] { text.split(separator: ".").map(String.init) }

    static let header = #"{"alg":"ES256","kid":"KID","typ":"JWT"}"#

    /// The header of the token, with changes.
    func header(_ changes: (String, String)...) -> String {
        changes.reduce(Self.header.replacing("KID", with: key.id)) { $0.replacing($1.0, with: $1.1) }
    }

    /// The claims of the token as JSON, with changes.
    func claims(_ change: (inout AccessToken) -> Void = { _ in }) throws -> String {
        var token = token
        change(&token)
        return String(decoding: try JSONEncoder().encode(token), as: UTF8.self)
    }

    /// The claims of the token, one of them written otherwise; left out where it is nil.
    func claims(_ name: String, as json: String?) throws -> String {
        let read = try JSONSerialization.jsonObject(with: Data(try claims().utf8)) as? [String: Any]
        var members = try (read ?? [:]).filter { $0.key != name }.map { key, value in
            let text = try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
            return "\"\(key)\":" + String(decoding: text, as: UTF8.self)
        }
        if let json { members.append("\"\(name)\":\(json)") }
        return "{\(members.joined(separator: ","))}"
    }

    /// A text signed with a key, that of the token unless another is given.
    func sign(_ header: String, _ claims: String, with other: TokenKeys.Key? = nil) throws -> String {
        let text = Base64.encodeForURL(header.utf8) + "." + Base64.encodeForURL(claims.utf8)
        let signature = try (other ?? key).privateKey.signature(for: Data(text.utf8))
        return text + "." + Base64.encodeForURL(signature.rawRepresentation)
    }

    /// A text signed with a secret of bytes (HS256).
    func authenticate(_ header: String, _ claims: String, with secret: some DataProtocol) -> String {
        let text = Base64.encodeForURL(header.utf8) + "." + Base64.encodeForURL(claims.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(secret)))
        return text + "." + Base64.encodeForURL(code)
    }
}

/// A way to make a token that must not hold.
struct Forgery: Sendable, CustomStringConvertible {
    let description: String
    let make: @Sendable (Forger) throws -> String

    init(_ description: String, _ make: @escaping @Sendable (Forger) throws -> String) {
        self.description = description
        self.make = make
    }
}

extension Forgery {
    static let form = [
        Forgery("nothing") { _ in "" },
        Forgery("dots") { _ in ".." },
        Forgery("one part") { $0.parts[0] },
        Forgery("two parts") { $0.parts[..<2].joined(separator: ".") },
        Forgery("four parts") { $0.text + ".a" },
        Forgery("an empty part behind") { $0.text + "." },
        Forgery("an empty signature") { $0.parts[..<2].joined(separator: ".") + "." },
        Forgery("no base64") { $0.text.replacing(".", with: ".!") },
        Forgery("a space before") { " " + $0.text },
        Forgery("a line feed behind") { $0.text + "\n" },
        Forgery("padded") { $0.text + "==" },
        Forgery("the usual alphabet") { $0.parts[0] + "+." + $0.parts[1] + "." + $0.parts[2] },
        Forgery("bits behind the end of the signature") { forger in
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let last = alphabet.firstIndex(of: forger.text.last ?? "A") ?? 0
            return forger.text.dropLast() + String(alphabet[last ^ 1])
        },
        Forgery("too long") { forger in
            try forger.sign(forger.header(), try forger.claims { $0.id = String(repeating: "a", count: 16 << 10) })
        },
        Forgery("a character that Unicode calls the same") { forger in
            // KELVIN SIGN.
            forger.text.contains("K") ? forger.text.replacing("K", with: "\u{212A}") : forger.text + "\u{212A}"
        },
    ]

    static let header = [
        Forgery("no algorithm") { forger in
            try forger.sign(forger.header((#""alg":"ES256","#, "")), try forger.claims())
        },
        Forgery("the algorithm none, unsigned") { forger in
            Base64.encodeForURL(forger.header(("ES256", "none")).utf8) + "." + forger.parts[1] + "."
        },
        Forgery("the algorithm none, signed") { forger in
            try forger.sign(forger.header(("ES256", "none")), try forger.claims())
        },
        Forgery("HS256 with the public key") { forger in
            let key = forger.key.privateKey.publicKey
            return forger.authenticate(
                forger.header(("ES256", "HS256")),
                try forger.claims(),
                with: key.x963Representation
            )
        },
        Forgery("HS256 with the public key as text") { forger in
            let key = forger.key.privateKey.publicKey.pemRepresentation
            return forger.authenticate(forger.header(("ES256", "HS256")), try forger.claims(), with: Data(key.utf8))
        },
        Forgery("ES256 that is HS256") { forger in
            let key = forger.key.privateKey.publicKey
            return forger.authenticate(forger.header(), try forger.claims(), with: key.rawRepresentation)
        },
        Forgery("another spelling of the algorithm") { forger in
            try forger.sign(forger.header(("ES256", "es256")), try forger.claims())
        },
        Forgery("an algorithm that is no text") { forger in
            try forger.sign(forger.header((#""ES256""#, "256")), try forger.claims())
        },
        Forgery("no key named") { forger in
            try forger.sign(forger.header((#""kid":"\#(forger.key.id)","#, "")), try forger.claims())
        },
        Forgery("an unknown key named") { forger in
            try forger.sign(forger.header((forger.key.id, "unknown")), try forger.claims())
        },
        Forgery("a header that is no JSON") { try $0.sign("{", try $0.claims()) },
        Forgery("a header that is a list") { try $0.sign("[\($0.header())]", try $0.claims()) },
    ]

    static let signature = [
        Forgery("another key under the id of this one") { forger in
            try forger.sign(forger.header(), try forger.claims(), with: TokenKeys.Key())
        },
        Forgery("another key under its own id") { forger in
            let other = TokenKeys.Key()
            return try forger.sign(forger.header((forger.key.id, other.id)), try forger.claims(), with: other)
        },
        Forgery("a changed header") { forger in
            Base64.encodeForURL((forger.header() + " ").utf8) + "." + forger.parts[1...].joined(separator: ".")
        },
        Forgery("changed claims") { forger in
            let claims = try forger.claims { $0.subject = "root" }
            return [forger.parts[0], Base64.encodeForURL(claims.utf8), forger.parts[2]].joined(separator: ".")
        },
        Forgery("a changed signature") { forger in
            let first = forger.parts[2].first == "A" ? "B" : "A"
            return forger.parts[..<2].joined(separator: ".") + "." + first + forger.parts[2].dropFirst()
        },
        Forgery("a signature of zeros") { forger in
            let zeros = Base64.encodeForURL([UInt8](repeating: 0, count: 64))
            return forger.parts[..<2].joined(separator: ".") + "." + zeros
        },
        Forgery("a truncated signature") { String($0.text.dropLast(2)) },
        Forgery("a signature that is too long") { $0.text + "AAAA" },
        Forgery("a signature in DER") { forger in
            let text = forger.parts[..<2].joined(separator: ".")
            let signature = try forger.key.privateKey.signature(for: Data(text.utf8))
            return text + "." + Base64.encodeForURL(signature.derRepresentation)
        },
        Forgery("the signature of another token") { forger in
            let other = try forger.sign(forger.header(), try forger.claims { $0.id = "other" })
            return forger.parts[..<2].joined(separator: ".") + "." + (other.split(separator: ".").last ?? "")
        },
    ]

    static let claims =
        [
            ("exp", #""1700000300""#), ("exp", "1.5"), ("exp", "null"), ("exp", nil), ("exp", "1e400"), ("nbf", "true"),
            ("nbf", nil), ("iat", nil), ("sub", "1"), ("sub", nil), ("sub", #"["alice"]"#), ("aud", #"["wharf"]"#),
            ("iss", nil), ("access", #""*""#), ("access", nil), ("access", #"[{"type":"repository"}]"#),
            ("wharf_epoch", #""1""#), ("wharf_epoch", nil), ("wharf_limit", "[]"), ("wharf_limit", "false"),
        ].map { name, json in
            Forgery("\(name) is \(json ?? "not there")") { forger in
                try forger.sign(forger.header(), try forger.claims(name, as: json))
            }
        } + [
            Forgery("claims that are no JSON") { try $0.sign($0.header(), "{") },
            Forgery("another issuer") { try $0.sign($0.header(), try $0.claims { $0.issuer = "other" }) },
            Forgery("another audience") { try $0.sign($0.header(), try $0.claims { $0.audience = "other" }) },
            Forgery("expired") { try $0.sign($0.header(), try $0.claims { $0.expiresAt -= 601 }) },
            Forgery("not yet valid") { try $0.sign($0.header(), try $0.claims { $0.notBefore += 302 }) },
            Forgery("long ago") { try $0.sign($0.header(), try $0.claims { $0.expiresAt = .min }) },
            Forgery("never valid") { try $0.sign($0.header(), try $0.claims { $0.notBefore = .max }) },
            Forgery("an epoch of before") { try $0.sign($0.header(), try $0.claims { $0.epoch -= 1 }) },
            Forgery("an epoch to come") { try $0.sign($0.header(), try $0.claims { $0.epoch += 1 }) },
            Forgery("nobody of that name") { try $0.sign($0.header(), try $0.claims { $0.subject = "nobody" }) },
        ]
}

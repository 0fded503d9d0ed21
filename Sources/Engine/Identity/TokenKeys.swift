import Crypto
import Foundation
import Metadata
import Synchronization

/// The keys that sign tokens with ES256 (RFC 7518 section 3.4), each known by its id.
///
/// The newest signs, once every server has had the time to learn of it; older ones still verify what they signed,
/// until they are dropped.
public struct TokenKeys: Sendable {
    /// A key of the curve P-256.
    public struct Key: Sendable {
        /// The id, as tokens name it.
        public let id: String
        let privateKey: P256.Signing.PrivateKey
        /// Since when it may sign.
        let signsFrom: Timestamp

        /// Makes a new key.
        public init() {
            privateKey = P256.Signing.PrivateKey()
            id = Self.id(of: privateKey.publicKey)
            signsFrom = Timestamp(microseconds: 0)
        }

        /// Reads what ``bytes`` gave.
        public init(_ bytes: Secret, signsFrom: Timestamp = Timestamp(microseconds: 0)) throws {
            self.signsFrom = signsFrom
            privateKey = try P256.Signing.PrivateKey(rawRepresentation: bytes.bytes)
            id = Self.id(of: privateKey.publicKey)
        }

        /// The key, to be stored.
        public var bytes: Secret {
            Secret(Array(privateKey.rawRepresentation))
        }

        /// The first half of the hash of the public key.
        private static func id(of key: P256.Signing.PublicKey) -> String {
            Base64.encodeForURL(SHA256.hash(data: key.x963Representation).prefix(16))
        }
    }

    /// A new key, to be stored.
    public static func newFact(at moment: Timestamp) -> SigningKeyFact {
        var key = Key()
        // On a command line that would begin an option.
        while key.id.hasPrefix("-") { key = Key() }
        return SigningKeyFact(id: key.id, privateKey: key.bytes.bytes, createdAt: moment)
    }

    /// How long a new key is known before it signs: several times as long as a server takes to learn of it.
    public static let noticeTime = Duration.seconds(10)

    let keys: [Key]

    /// The key that signs at a moment: the newest that may, or the oldest where none has been known for long enough.
    func signing(at moment: Timestamp) -> Key? {
        keys.first { $0.signsFrom <= moment } ?? keys.last
    }

    /// Takes keys, the newest first; at least one.
    public init(_ keys: [Key]) {
        self.keys = keys
    }

    /// The public keys as a JSON Web Key Set (RFC 7517).
    public var publicKeySet: String {
        let keys = self.keys.map { key in
            let point = Array(key.privateKey.publicKey.rawRepresentation)
            let (x, y) = (Base64.encodeForURL(point[..<32]), Base64.encodeForURL(point[32...]))
            return #"{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"\#(key.id)","x":"\#(x)","y":"\#(y)"}"#
        }
        return #"{"keys":[\#(keys.joined(separator: ","))]}"#
    }

    /// A token as text.
    func sign(_ token: AccessToken) throws -> String {
        let moment = Timestamp(microseconds: token.issuedAt * 1_000_000)
        guard let key = signing(at: moment) else { throw CryptoKitError.incorrectKeySize }
        let header = #"{"alg":"ES256","kid":"\#(key.id)","typ":"JWT"}"#
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = Base64.encodeForURL(header.utf8) + "." + Base64.encodeForURL(try encoder.encode(token))
        let signature = try key.privateKey.signature(for: Data(text.utf8))
        return text + "." + Base64.encodeForURL(signature.rawRepresentation)
    }

    private struct Header: Decodable {
        var alg: String
        var kid: String
    }

    /// What a key has signed.
    struct Signed: Sendable {
        let token: AccessToken
        /// The id of the key.
        let keyID: String
    }

    /// Whether there is still a key of an id.
    func have(_ id: String) -> Bool {
        keys.contains { $0.id == id }
    }

    /// What a text says, when one of the keys has signed it; nil for everything else.
    ///
    /// The algorithm is not chosen by the token: only ES256 is ever tried (RFC 8725 section 3.1).
    func verified(_ text: [UInt8]) -> Signed? {
        guard text.count <= Self.byteCountMax else { return nil }
        let parts = String(decoding: text, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64.decodeFromURL(parts[0]),
            let claims = Base64.decodeFromURL(parts[1]), let bytes = Base64.decodeFromURL(parts[2])
        else { return nil }
        let decoder = JSONDecoder()
        guard let read = try? decoder.decode(Header.self, from: Data(header)), read.alg == "ES256",
            let key = keys.first(where: { $0.id == read.kid }),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: bytes)
        else { return nil }
        let signed = Data("\(parts[0]).\(parts[1])".utf8)
        guard key.privateKey.publicKey.isValidSignature(signature, for: signed) else { return nil }
        return (try? decoder.decode(AccessToken.self, from: Data(claims))).map { Signed(token: $0, keyID: key.id) }
    }

    /// The longest token that is looked at, in bytes.
    static let byteCountMax = 16 << 10
}

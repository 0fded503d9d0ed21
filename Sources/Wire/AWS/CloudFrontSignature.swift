import Crypto
import CryptoExtras
public import Foundation
public import Outgoing

/// How an address of CloudFront shows that it was given out by us: a canned policy, signed with SHA-256.
///
/// The policy says which address, and until when; it is not sent along, since CloudFront makes the same one of what it
/// is asked for. The page is "Create a signed URL using a canned policy" of the CloudFront developer guide.
public struct CloudFrontSignature: Sendable {
    private enum Key: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case ecdsa(P256.Signing.PrivateKey)
    }

    private let keyID: String
    private let key: Key

    /// The last moment that CloudFront can read.
    private static let latest = 2_147_483_647

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - keyID: What CloudFront calls the public key: `K2JCJMDEHXQW5F`.
    ///   - pem: The private key as OpenSSL writes it: RSA with 2048 bits, or ECDSA on the curve P-256.
    /// - Throws: ``AWSError`` with `settingsInvalid`; it has nothing of the key in it.
    public init(keyID: String, pem: String) throws(AWSError) {
        let isPlain = keyID.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard isPlain, (1...128).contains(keyID.utf8.count) else {
            throw AWSError(.settingsInvalid, "The id of a CloudFront key has letters and digits, as K2JCJMDEHXQW5F.")
        }
        // The parameters of a curve may stand before its key.
        let start = pem.range(of: "-----BEGIN", options: .backwards)?.lowerBound ?? pem.startIndex
        let text = String(pem[start...])
        self.keyID = keyID
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: text) {
            self.key = .ecdsa(key)
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) {
            self.key = .rsa(key)
        } else {
            throw AWSError(
                .settingsInvalid,
                "This is no private key that CloudFront works with: RSA with 2048 bits, or ECDSA on P-256, in PEM and "
                    + "without a passphrase."
            )
        }
    }

    /// An address that holds until a moment; it is a secret for that time.
    ///
    /// - Throws: `OutgoingURL.ParseError` when it would be longer than one can be.
    public func signed(_ url: OutgoingURL, until end: Date) throws -> OutgoingURL {
        let seconds = min(max(Int(end.timeIntervalSince1970), 0), Self.latest)
        let policy = Data(Self.policy(url, until: seconds).utf8)
        let signature =
            switch key {
            case .rsa(let key): try key.signature(for: policy, padding: .insecurePKCS1v1_5).rawRepresentation
            case .ecdsa(let key): try key.signature(for: policy).derRepresentation
            }
        let path = url.pathAndQuery
        return try OutgoingURL(
            url.target,
            path: "\(path)\(path.contains("?") ? "&" : "?")Expires=\(seconds)&Signature=\(Self.text(of: signature))"
                + "&Key-Pair-Id=\(keyID)&Hash-Algorithm=SHA256"
        )
    }

    /// The policy, without any white space.
    static func policy(_ url: OutgoingURL, until seconds: Int) -> String {
        let resource = "\(url.target)\(url.pathAndQuery)"
        return
            #"{"Statement":[{"Resource":"\#(resource)","Condition":{"DateLessThan":{"AWS:EpochTime":\#(seconds)}}}]}"#
    }

    /// Base64 with other signs for those that a query gives a meaning to.
    private static func text(of bytes: Data) -> String {
        let signs: [Character: Character] = ["+": "-", "=": "_", "/": "~"]
        return String(bytes.base64EncodedString().map { signs[$0] ?? $0 })
    }
}

extension CloudFrontSignature: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Which key, and nothing of it.
    public var description: String { "<redacted, key \(keyID)>" }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing of it.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

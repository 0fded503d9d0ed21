import Crypto
import Foundation
import Metadata

/// A key of the curve P-256 that signs places in the chain with ES256 (RFC 7518 section 3.4).
///
/// What is signed is a text, so that it can be checked with other tools: five lines, each ended by a line feed.
///
///     wharf audit mark 1
///     head                    or cut
///     NUMBER
///     HASH
///     MICROSECONDS            since 1970, when it was signed
struct AuditKey: Sendable {
    /// The id: the first half of the hash of the public key, in hexadecimal.
    let id: String
    private let privateKey: P256.Signing.PrivateKey

    /// Makes a new key.
    init() {
        self.init(P256.Signing.PrivateKey())
    }

    /// Reads a stored key; nil when it is none, or not the one that its id names.
    init?(_ fact: AuditKeyFact) {
        guard let key = try? P256.Signing.PrivateKey(rawRepresentation: fact.privateKey) else { return nil }
        self.init(key)
        guard id == fact.id else { return nil }
    }

    private init(_ key: P256.Signing.PrivateKey) {
        privateKey = key
        id = AuditChain.hexadecimal(SHA256.hash(data: key.publicKey.x963Representation).prefix(16))
    }

    /// The key, to be stored.
    var fact: AuditKeyFact {
        AuditKeyFact(id: id, privateKey: Array(privateKey.rawRepresentation))
    }

    /// Says something about a place in the chain.
    func sign(_ kind: AuditMarkFact.Kind, _ head: AuditHead, at moment: Timestamp) throws -> AuditMarkFact {
        var mark = AuditMarkFact(
            kind: kind,
            number: head.number,
            hash: head.hash,
            signedAt: moment,
            keyID: id,
            signature: []
        )
        mark.signature = Array(try privateKey.signature(for: Self.text(of: mark)).rawRepresentation)
        return mark
    }

    /// Whether this key has signed a mark.
    func hasSigned(_ mark: AuditMarkFact) -> Bool {
        guard mark.keyID == id,
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: mark.signature)
        else { return false }
        return privateKey.publicKey.isValidSignature(signature, for: Self.text(of: mark))
    }

    private static func text(of mark: AuditMarkFact) -> Data {
        let lines = [
            "wharf audit mark 1", mark.kind.rawValue, "\(mark.number)", mark.hash, "\(mark.signedAt.microseconds)",
        ]
        return Data(lines.map { $0 + "\n" }.joined().utf8)
    }
}

import Crypto
public import Foundation
import SwiftASN1
import X509

/// A private CA: its certificate, which clients are told to trust, and its key, which signs those of servers.
///
/// Nothing here reads a clock, a file or the system's randomness: the moment and the generator are parameters. Only
/// the signatures themselves draw on the randomness of the library that makes them.
public struct CertificateAuthority: Sendable {
    /// How long a new CA lasts: ten years.
    public static let dayCount = 3652
    /// How much before the moment of making a certificate begins, in seconds: clocks of clients may be behind.
    static let backdating: TimeInterval = 3600
    static let secondsPerDay: TimeInterval = 86400

    /// The certificate in PEM, to be given to every client.
    public let certificate: String
    /// The key in PEM, to be given to nobody.
    public let key: PrivateKeyText
    let signing: Certificate.PrivateKey
    let own: Certificate

    /// Makes a CA with a new key, or with one that is there already.
    ///
    /// Its name comes from its key, so two CAs have two names, and one made again from its key is the same to clients.
    ///
    /// - Parameters:
    ///   - key: A key to use in place of a new one.
    ///   - now: The moment of making.
    ///   - generator: What the key and the serial number come from.
    /// - Returns: A CA that may sign servers' certificates, and no CA below itself.
    /// - Throws: ``UnusableCertificate`` with `damagedKey` or `randomness`.
    public static func make(
        key: PrivateKeyText? = nil,
        at now: Date,
        using generator: inout some RandomNumberGenerator
    ) throws -> CertificateAuthority {
        let signing: Certificate.PrivateKey
        if let key {
            signing = try read(key)
        } else {
            signing = Certificate.PrivateKey(try NewKey.make(using: &generator))
        }
        let identifier = SubjectKeyIdentifier(hash: signing.publicKey)
        let digits = identifier.keyIdentifier.prefix(4).map { Hexadecimal.text($0) }.joined()
        let name = try DistinguishedName {
            CommonName("wharf private CA \(digits)")
        }
        let own = try Certificate(
            version: .v3,
            serialNumber: NewSerialNumber.make(using: &generator),
            publicKey: signing.publicKey,
            notValidBefore: now.addingTimeInterval(-backdating),
            notValidAfter: now.addingTimeInterval(Double(dayCount) * secondsPerDay),
            issuer: name,
            subject: name,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                identifier
            },
            issuerPrivateKey: signing
        )
        return CertificateAuthority(
            certificate: try own.serializeAsPEM().pemString + "\n",
            key: try key ?? PrivateKeyText(signing.serializeAsPEM().pemString + "\n"),
            signing: signing,
            own: own
        )
    }

    private init(certificate: String, key: PrivateKeyText, signing: Certificate.PrivateKey, own: Certificate) {
        (self.certificate, self.key, self.signing, self.own) = (certificate, key, signing, own)
    }

    /// Takes up a CA that was made before, here or elsewhere.
    ///
    /// - Parameters:
    ///   - certificate: PEM; the first certificate in it is the one that signs.
    ///   - key: Its key: ECDSA, RSA or Ed25519, without a passphrase.
    /// - Throws: ``UnusableCertificate`` with `damagedCertificate`, `damagedKey`, `otherKey` or `notAuthority`.
    public init(certificate: String, key: PrivateKeyText) throws {
        let own = try CertificateText.read(certificate)[0].certificate
        let signing = try Self.read(key)
        guard own.publicKey == signing.publicKey else {
            throw UnusableCertificate(.otherKey, "the key does not belong to this certificate")
        }
        guard case .isCertificateAuthority? = try? own.extensions.basicConstraints else {
            throw UnusableCertificate(.notAuthority, "it is no CA: it may not sign certificates (no CA:TRUE)")
        }
        if let usage = try? own.extensions.keyUsage, !usage.keyCertSign {
            throw UnusableCertificate(.notAuthority, "it is no CA: its key usage leaves signing certificates out")
        }
        self.init(certificate: certificate, key: key, signing: signing, own: own)
    }

    /// What its certificate says.
    public var facts: CertificateFacts {
        get throws { try CertificateFacts.read(certificate)[0] }
    }

    /// Whether a certificate, the first in a PEM, was signed with this CA's key.
    public func hasSigned(_ pem: String) -> Bool {
        guard let first = try? CertificateText.read(pem).first?.certificate else { return false }
        return own.publicKey.isValidSignature(first.signature, for: first)
    }

    private static func read(_ key: PrivateKeyText) throws -> Certificate.PrivateKey {
        guard !key.pem.contains("ENCRYPTED") else {
            throw UnusableCertificate(.damagedKey, "it has a passphrase, which cannot be given here")
        }
        do {
            // An EC key that OpenSSL wrote may have its parameters in a block of their own before it.
            let blocks = try PEMDocument.parseMultiple(pemString: key.pem)
            guard let block = blocks.first(where: { $0.discriminator.hasSuffix("PRIVATE KEY") }) else {
                throw UnusableCertificate(.damagedKey, "it holds no private key in PEM")
            }
            return try Certificate.PrivateKey(pemDocument: block)
        } catch let error as UnusableCertificate {
            throw error
        } catch {
            // What the parser says of it could show a part of the key.
            throw UnusableCertificate(.damagedKey, "it cannot be read as a private key in PEM")
        }
    }
}

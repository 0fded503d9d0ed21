import Crypto
public import Foundation
import SwiftASN1
import X509

/// A server's certificate with its chain, and its key.
public struct ServerCertificate: Sendable {
    /// The longest time that clients accept, in days.
    public static let dayCountMax = 825
    /// The most names in one certificate: each handshake sends them all.
    public static let nameCountMax = 100

    /// The certificate and after it the one of its CA, in PEM.
    public let chain: String
    /// The key of the server, in PEM.
    public let key: PrivateKeyText
}

extension CertificateAuthority {
    /// Makes a certificate with a new key for a server.
    ///
    /// It ends with the CA at the latest: what outlives its CA is trusted by nobody.
    ///
    /// - Parameters:
    ///   - names: What clients call the server; the first one is its subject as well.
    ///   - now: The moment of making.
    ///   - dayCount: For how many days from now, 825 at most.
    ///   - generator: What the key and the serial number come from.
    /// - Returns: The certificate and its key.
    /// - Throws: ``UnusableCertificate`` with `name`, `days`, `notValidNow` or `randomness`.
    public func issue(
        for names: [CertificateName],
        at now: Date,
        dayCount: Int,
        using generator: inout some RandomNumberGenerator
    ) throws -> ServerCertificate {
        let names = names.reduce(into: [CertificateName]()) { if !$0.contains($1) { $0.append($1) } }
        try check(names, dayCount, now)
        let from = max(now.addingTimeInterval(-Self.backdating), own.notValidBefore)
        let until = min(
            now.addingTimeInterval(Double(dayCount) * Self.secondsPerDay),
            from.addingTimeInterval(Double(ServerCertificate.dayCountMax) * Self.secondsPerDay),
            own.notValidAfter
        )
        let key = try NewKey.make(using: &generator)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: NewSerialNumber.make(using: &generator),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: from,
            notValidAfter: until,
            issuer: own.subject,
            subject: try Self.subject(names[0]),
            extensions: try extensions(names, Certificate.PublicKey(key.publicKey)),
            issuerPrivateKey: signing
        )
        let chain = [certificate, own]
        return ServerCertificate(
            chain: try chain.map { try $0.serializeAsPEM().pemString + "\n" }.joined(),
            key: PrivateKeyText(key.pemRepresentation + "\n")
        )
    }

    private func check(_ names: [CertificateName], _ dayCount: Int, _ now: Date) throws {
        guard !names.isEmpty else { throw UnusableCertificate(.name, "a certificate has at least one name") }
        guard names.count <= ServerCertificate.nameCountMax else {
            throw UnusableCertificate(
                .name,
                "a certificate has \(ServerCertificate.nameCountMax) names at most, not \(names.count)"
            )
        }
        guard (1...ServerCertificate.dayCountMax).contains(dayCount) else {
            throw UnusableCertificate(
                .days,
                "a certificate lasts 1 to \(ServerCertificate.dayCountMax) days, since clients refuse more"
            )
        }
        guard own.notValidAfter > now else {
            throw UnusableCertificate(.notValidNow, "the CA has ended on \(CertificateFacts.text(own.notValidAfter))")
        }
        guard own.notValidBefore <= now else {
            throw UnusableCertificate(
                .notValidNow,
                "the CA begins only on \(CertificateFacts.text(own.notValidBefore)): is this machine's clock right?"
            )
        }
    }

    private func extensions(
        _ names: [CertificateName],
        _ publicKey: Certificate.PublicKey
    ) throws -> Certificate.Extensions {
        let issuer = (try? own.extensions.subjectKeyIdentifier) ?? SubjectKeyIdentifier(hash: own.publicKey)
        return try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([.serverAuth])
            SubjectAlternativeNames(names.map(Self.generalName))
            SubjectKeyIdentifier(hash: publicKey)
            AuthorityKeyIdentifier(keyIdentifier: issuer.keyIdentifier)
        }
    }

    private static func generalName(_ name: CertificateName) -> GeneralName {
        switch name.form {
        case .host: .dnsName(name.description)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }

    /// The first name where it fits: a common name has 64 characters at most (RFC 5280, appendix A.1).
    private static func subject(_ name: CertificateName) throws -> DistinguishedName {
        let text = name.description
        return try DistinguishedName {
            CommonName(text.utf8.count <= 64 ? text : "wharf")
        }
    }
}

/// Keys from a generator that is given.
enum NewKey {
    /// How often numbers are drawn: one in four thousand millions is no key.
    private static let attemptCountMax = 8

    static func make(using generator: inout some RandomNumberGenerator) throws -> P256.Signing.PrivateKey {
        for _ in 0..<attemptCountMax {
            let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            if let key = try? P256.Signing.PrivateKey(rawRepresentation: bytes) { return key }
        }
        throw UnusableCertificate(.randomness, "the source of randomness gives no number that could be a key")
    }
}

/// Serial numbers that nobody can foretell: 127 bits, always sixteen bytes.
enum NewSerialNumber {
    static func make(using generator: inout some RandomNumberGenerator) -> Certificate.SerialNumber {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        // Positive, and without a leading zero.
        bytes[0] = bytes[0] & 0x7f | 0x40
        return Certificate.SerialNumber(bytes: bytes)
    }
}

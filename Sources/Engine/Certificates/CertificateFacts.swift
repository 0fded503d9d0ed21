import Crypto
public import Foundation
import SwiftASN1
import X509

/// What a certificate says of itself, as texts that can be printed.
///
/// The texts of a certificate are a stranger's: what would move a terminal's cursor is shown by its number.
public struct CertificateFacts: Sendable, Equatable {
    /// The host names and addresses that it is for.
    public let names: [String]
    /// Whom it is of.
    public let subject: String
    /// Who signed it.
    public let issuer: String
    /// Whether it may sign others.
    public let isAuthority: Bool
    /// The serial number in hexadecimal, as openssl prints it.
    public let serialNumber: String
    /// From when it is valid.
    public let from: Date
    /// Until when it is valid.
    public let until: Date
    /// The SHA-256 of the whole certificate, as openssl prints it.
    public let fingerprint: String

    /// Reads all certificates of a PEM, at least one.
    ///
    /// - Throws: ``UnusableCertificate`` with `damagedCertificate`.
    public static func read(_ pem: String) throws -> [CertificateFacts] {
        try CertificateText.read(pem).map { CertificateFacts($0.certificate, bytes: $0.bytes) }
    }

    /// The days that are left, rounded down; negative when it has ended.
    public func daysLeft(at now: Date) -> Int {
        Int((until.timeIntervalSince(now) / CertificateAuthority.secondsPerDay).rounded(.down))
    }

    /// A moment as certificates have it: in seconds, in UTC.
    public static func text(_ moment: Date) -> String {
        moment.formatted(.iso8601)
    }

    private init(_ certificate: Certificate, bytes: [UInt8]) {
        names = ((try? certificate.extensions.subjectAlternativeNames) ?? SubjectAlternativeNames()).map(Self.text)
        subject = Self.printable(certificate.subject.description)
        issuer = Self.printable(certificate.issuer.description)
        if case .isCertificateAuthority? = try? certificate.extensions.basicConstraints {
            isAuthority = true
        } else {
            isAuthority = false
        }
        let serial = certificate.serialNumber.bytes.drop { $0 == 0 }
        serialNumber = serial.isEmpty ? "00" : serial.map { Hexadecimal.text($0).uppercased() }.joined()
        from = certificate.notValidBefore
        until = certificate.notValidAfter
        fingerprint = SHA256.hash(data: bytes).map { Hexadecimal.text($0).uppercased() }.joined(separator: ":")
    }

    private static func text(_ name: GeneralName) -> String {
        switch name {
        case .dnsName(let host): printable(host)
        case .ipAddress(let octets): address(octets.bytes)
        default: printable(name.description)
        }
    }

    private static func address(_ bytes: ArraySlice<UInt8>) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard [4, 16].contains(bytes.count),
            inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, Array(bytes), &text, socklen_t(text.count)) != nil
        else { return "an address of \(bytes.count) bytes" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func printable(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }.joined()
    }
}

/// The certificates in a PEM.
enum CertificateText {
    /// All of them with their bytes, at least one.
    static func read(_ pem: String) throws -> [(certificate: Certificate, bytes: [UInt8])] {
        let blocks: [PEMDocument]
        do {
            blocks = try PEMDocument.parseMultiple(pemString: pem)
        } catch {
            throw UnusableCertificate(.damagedCertificate, "it cannot be read as PEM")
        }
        let own = blocks.filter { $0.discriminator == Certificate.defaultPEMDiscriminator }
        guard !own.isEmpty else {
            let what = blocks.first.map { "no certificate, but a \($0.discriminator)" } ?? "nothing in PEM"
            throw UnusableCertificate(.damagedCertificate, "it holds \(what)")
        }
        return try own.map { block in
            do {
                return (try Certificate(derEncoded: block.derBytes), block.derBytes)
            } catch {
                throw UnusableCertificate(.damagedCertificate, "a certificate in it is damaged: \(error)")
            }
        }
    }
}

/// Bytes as two digits each.
enum Hexadecimal {
    static func text(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

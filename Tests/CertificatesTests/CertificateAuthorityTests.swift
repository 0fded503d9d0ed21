import Certificates
import Foundation
import RegistryTesting
import Testing

/// What a CA makes, as openssl sees it.
@Suite struct CertificateAuthorityTests {
    private let folder: TemporaryFolder
    private let now = Date()

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
    }

    private func authority(at moment: Date? = nil, seed: UInt64? = nil) throws -> CertificateAuthority {
        guard let seed else {
            var system = SystemRandomNumberGenerator()
            return try .make(at: moment ?? now, using: &system)
        }
        var generator = SeededGenerator(seed: seed)
        return try .make(at: moment ?? now, using: &generator)
    }

    private func issue(
        _ authority: CertificateAuthority,
        _ names: [String] = ["registry.example.com"],
        at moment: Date? = nil,
        dayCount: Int = 365
    ) throws -> ServerCertificate {
        var generator = SystemRandomNumberGenerator()
        let names = try names.map { try CertificateName($0) }
        return try authority.issue(for: names, at: moment ?? now, dayCount: dayCount, using: &generator)
    }

    @Test func `the CA may sign servers' certificates and nothing else, for ten years`() async throws {
        let text = try await OpenSSL.text(try folder.put(try authority().certificate, "ca.pem"))
        for part in [
            "CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "prime256v1", "ecdsa-with-SHA256", "Version: 3",
            "X509v3 Subject Key Identifier",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(text.components(separatedBy: "critical").count == 3)
        let facts = try authority().facts
        #expect(facts.isAuthority && facts.names.isEmpty && facts.issuer == facts.subject)
        #expect((3651...3652).contains(facts.daysLeft(at: now)))
    }

    @Test func `a server's certificate is good for its names alone, for TLS alone`() async throws {
        let authority = try authority()
        let server = try issue(authority, ["registry.example.com", "*.lab.example.com", "10.0.0.7", "2001:db8::7"])
        let own = try folder.put(authority.certificate, "ca.pem")
        let other = try folder.put(try self.authority().certificate, "other.pem")
        let file = try folder.put(server.chain, "server.pem")
        for name in ["registry.example.com", "a.lab.example.com"] {
            #expect(try await OpenSSL.verifies(file, by: own, ["-verify_hostname", name]))
        }
        for address in ["10.0.0.7", "2001:db8::7"] {
            #expect(try await OpenSSL.verifies(file, by: own, ["-verify_ip", address]))
        }
        #expect(try await !OpenSSL.verifies(file, by: own, ["-verify_hostname", "lab.example.com"]))
        #expect(try await !OpenSSL.verifies(file, by: own, ["-verify_ip", "10.0.0.8"]))
        #expect(try await !OpenSSL.verifies(file, by: own, ["-purpose", "sslclient"]))
        #expect(try await !OpenSSL.verifies(file, by: other))
        let text = try await OpenSSL.text(file)
        let parts = [
            "CA:FALSE", "Digital Signature", "TLS Web Server Authentication", "X509v3 Authority Key Identifier",
        ]
        for part in parts {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test func `openssl and wharf say the same of a certificate`() async throws {
        let authority = try authority()
        let file = try folder.put(try issue(authority, ["registry.example.com", "::1"]).chain, "server.pem")
        let facts = try #require(try CertificateFacts.read(try String(contentsOfFile: file, encoding: .utf8)).first)
        let said = try await OpenSSL.text(
            file,
            ["-serial", "-fingerprint", "-sha256", "-subject", "-issuer", "-enddate", "-dateopt", "iso_8601"]
        )
        #expect(facts.names == ["registry.example.com", "::1"])
        #expect(said.contains("serial=\(facts.serialNumber)\n"))
        #expect(said.contains("Fingerprint=\(facts.fingerprint)\n"))
        let until = CertificateFacts.text(facts.until).replacing("T", with: " ")
        #expect(said.contains("notAfter=\(until)\n"), "\(until) in \(said)")
        #expect(facts.issuer == (try authority.facts.subject))
        #expect(said.contains("subject=CN = registry.example.com\n"))
    }

    @Test func `the key belongs to the certificate, and prints nothing of itself`() async throws {
        let server = try issue(try authority())
        let key = try folder.put(server.key.pem, "server.key")
        let certificate = try folder.put(server.chain, "server.pem")
        let fromKey = try await Command(OpenSSL.path, ["pkey", "-in", key, "-pubout"]).output()
        #expect(try await OpenSSL.text(certificate, ["-pubkey"]) == fromKey)
        var dumped = ""
        dump(server.key, to: &dumped)
        #expect("\(server.key)\(String(reflecting: server.key))\(dumped)".contains("<redacted>"))
        #expect(!"\(server)\(dumped)".contains("PRIVATE"))
    }

    @Test func `no certificate lasts longer than 825 days or than its CA`() throws {
        let authority = try authority()
        let longest = try CertificateFacts.read(try issue(authority, dayCount: 825).chain)[0]
        #expect(longest.until.timeIntervalSince(longest.from) == 825 * 86400)
        let late = try authority.facts.until.addingTimeInterval(-10 * 86400)
        let last = try CertificateFacts.read(try issue(authority, at: late).chain)[0]
        #expect(last.until == (try authority.facts.until))
        for dayCount in [-1, 0, 826, .max] {
            #expect(throws: UnusableCertificate(.days, "")) { try issue(authority, dayCount: dayCount) }
        }
        for moment in [try authority.facts.until, now.addingTimeInterval(-7200)] {
            #expect(throws: UnusableCertificate(.notValidNow, "")) { try issue(authority, at: moment) }
        }
    }

    @Test func `a certificate has one to a hundred names, each once`() throws {
        let authority = try authority()
        #expect(throws: UnusableCertificate(.name, "")) { try issue(authority, []) }
        let many = (0..<101).map { "h\($0).example" }
        #expect(throws: UnusableCertificate(.name, "")) { try issue(authority, many) }
        #expect(try CertificateFacts.read(try issue(authority, ["a.b", "A.B", "a.b"]).chain)[0].names == ["a.b"])
        let long = String(repeating: "a", count: 60) + ".example.com"
        #expect(try CertificateFacts.read(try issue(authority, [long]).chain)[0].names == [long])
    }

    @Test func `keys and serial numbers come from the generator`() throws {
        let (first, again, other) = (try authority(seed: 1), try authority(seed: 1), try authority(seed: 2))
        #expect(first.key.pem == again.key.pem && first.key.pem != other.key.pem)
        #expect(try first.facts.serialNumber == again.facts.serialNumber)
        #expect(try first.facts.subject != other.facts.subject)
        #expect(throws: UnusableCertificate(.randomness, "")) {
            var broken = Zeroes()
            _ = try CertificateAuthority.make(at: now, using: &broken)
        }
    }

    private struct Zeroes: RandomNumberGenerator {
        mutating func next() -> UInt64 { 0 }
    }

    @Test func `a CA is taken up again, and one made again from its key is the same to clients`() async throws {
        let authority = try authority()
        let again = try CertificateAuthority(certificate: authority.certificate, key: authority.key)
        let server = try issue(again)
        #expect(again.hasSigned(server.chain) && authority.hasSigned(server.chain))
        #expect(try !self.authority().hasSigned(server.chain))
        var generator = SystemRandomNumberGenerator()
        let remade = try CertificateAuthority.make(key: authority.key, at: now, using: &generator)
        let file = try folder.put(try issue(remade).chain, "server.pem")
        #expect(try await OpenSSL.verifies(file, by: try folder.put(authority.certificate, "ca.pem")))
    }

    @Test func `what is no CA with its key is refused`() throws {
        let (authority, other) = (try authority(), try authority())
        let server = try issue(authority)
        let half = String(authority.certificate.prefix(300))
        let wrong = authority.certificate.replacing("MII", with: "MIA")
        for (certificate, key, code) in [
            (authority.certificate, other.key.pem, .otherKey), (server.chain, server.key.pem, .notAuthority),
            ("", authority.key.pem, .damagedCertificate), (half, authority.key.pem, .damagedCertificate),
            (authority.key.pem, authority.key.pem, .damagedCertificate),
            (wrong == authority.certificate ? half : wrong, authority.key.pem, .damagedCertificate),
            (authority.certificate, "", .damagedKey), (authority.certificate, authority.certificate, .damagedKey),
            (authority.certificate, String(authority.key.pem.prefix(100)), .damagedKey),
            (authority.certificate, authority.key.pem.replacing("M", with: "N"), .damagedKey),
        ] as [(String, String, UnusableCertificate.Code)] {
            #expect(throws: UnusableCertificate(code, "")) {
                try CertificateAuthority(certificate: certificate, key: PrivateKeyText(key))
            }
        }
    }

    @Test(arguments: [
        ["-newkey", "rsa:2048"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"], ["-newkey", "ed25519"],
    ])
    func `a CA that openssl made signs as well`(options: [String]) async throws {
        let (certificate, key) = ("\(folder.path)/own.pem", "\(folder.path)/own.key")
        try await Command(
            OpenSSL.path,
            ["req", "-x509", "-noenc", "-days", "30", "-subj", "/O=Example/CN=Own CA"] + options
                + ["-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", certificate]
        ).output()
        let text = try String(contentsOfFile: certificate, encoding: .utf8)
        let secret = PrivateKeyText(try String(contentsOfFile: key, encoding: .utf8))
        // The CA begins now, which is later than when this test began.
        let server = try issue(try CertificateAuthority(certificate: text, key: secret), at: Date())
        #expect(try await OpenSSL.verifies(try folder.put(server.chain, "server.pem"), by: certificate))
        #expect(try CertificateFacts.read(server.chain)[0].daysLeft(at: now) <= 30)
    }

    @Test func `a key with a passphrase is refused by that reason`() async throws {
        let authority = try authority()
        let plain = try folder.put(authority.key.pem, "plain.key")
        let locked = "\(folder.path)/locked.key"
        try await Command(
            OpenSSL.path,
            ["pkey", "-in", plain, "-aes256", "-passout", "pass:hunter2", "-out", locked]
        ).output()
        let key = PrivateKeyText(try String(contentsOfFile: locked, encoding: .utf8))
        let error = try #require(throws: UnusableCertificate.self) {
            try CertificateAuthority(certificate: authority.certificate, key: key)
        }
        #expect(error.code == .damagedKey && error.message.contains("passphrase"))
    }
}

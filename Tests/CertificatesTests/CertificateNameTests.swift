import Certificates
import Testing

/// Which names a certificate can have.
@Suite struct CertificateNameTests {
    @Test(
        arguments: [
            ("localhost", "localhost"), ("Registry.Example.COM", "registry.example.com"), ("a", "a"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("1.2.3.4.example", "1.2.3.4.example"),
            ("*.example.com", "*.example.com"), ("10.0.0.7", "10.0.0.7"), ("::1", "::1"),
            ("[2001:DB8:0::1]", "2001:db8::1"),
            ("::ffff:10.0.0.7", "::ffff:10.0.0.7"), (String(repeating: "a", count: 63) + ".b", nil),
        ] as [(String, String?)]
    )
    func `a host name or an address is taken, in one form`(text: String, canonical: String?) throws {
        #expect(try CertificateName(text).description == canonical ?? text)
    }

    @Test(arguments: [
        ("", "at least one character"), ("a..b", "each part"), ("registry.example.com.", "each part"),
        (".example.com", "each part"), ("-a.example", "each part"), ("a-.example", "each part"),
        ("under_score.example", "each part"), ("a b", "each part"), ("a\0b", "each part"), ("127.0.0.1\0", "each part"),
        (String(repeating: "a", count: 64), "each part"),
        (String(repeating: "a.", count: 127) + "aa", "longer than 253"),
        ("bücher.example", "xn--"), ("registry.example.com:5000", "without a port"),
        ("10.0.0.7:5000", "without a port"),
        ("https://registry.example.com", "without https://"), ("10.0.0.0/8", "without https://"),
        ("256.0.0.1", "no IPv4"), ("1.2.3", "no IPv4"), ("12345", "no IPv4"), ("[10.0.0.7]", "IPv6 alone"),
        ("fe80::1%eth0", "without a port"), ("*", "two labels"), ("*.example", "two labels"),
        ("a.*.example.com", "whole first label"), ("a*.example.com", "whole first label"),
        ("*.*.example.com", "whole first label"), ("\u{1B}[2Jx", "each part"),
    ])
    func `anything else is refused with the reason`(text: String, reason: String) throws {
        let error = try #require(throws: UnusableCertificate.self) { try CertificateName(text) }
        #expect(error.code == .name)
        #expect(error.message.contains(reason), "\(error.message)")
        #expect(!error.message.contains("\u{1B}") && !error.message.contains("\0"))
    }
}

import NIOSSL
import NetworkAddress

/// The names that a certificate is for (RFC 9525).
///
/// The transport takes a certificate for good that is for the address of the connection, whatever host was asked for:
/// whoever bends the DNS and has a certificate for his own address would be believed to be anybody. It also takes the
/// proxy's address for that of a server behind it. Here the host alone counts.
struct CertificateNames: Equatable {
    /// Names, maybe with a `*` for the first label.
    var names: [String] = []
    /// Addresses, as their bytes.
    var addresses: [[UInt8]] = []

    /// No certificate has more that count.
    private static let namesMax = 1024

    /// Reads the subject's alternative names; a common name is nobody's any more.
    init(_ certificate: NIOSSLCertificate) {
        // Underscored, but public: there is no other way to them that does not parse the certificate anew.
        for name in certificate._subjectAlternativeNames().prefix(Self.namesMax) {
            switch name.nameType {
            case .dnsName: names.append(String(decoding: name.contents, as: UTF8.self).lowercased())
            case .ipAddress: addresses.append(Array(name.contents))
            default: break
            }
        }
    }

    init(names: [String], addresses: [[UInt8]] = []) {
        self.names = names
        self.addresses = addresses
    }

    /// Whether the certificate is for a host, which is in lower case.
    func contain(_ host: String) -> Bool {
        if let address = IPAddress(host) { return addresses.contains(address.bytes) }
        let host = host.hasSuffix(".") ? String(host.dropLast()) : host
        return names.contains { name in
            guard name.hasPrefix("*.") else { return name == host }
            guard let dot = host.firstIndex(of: "."), dot > host.startIndex else { return false }
            // A star stands for one label, and not for all names of a country.
            return host[dot...] == name.dropFirst() && name.dropFirst(2).contains(".")
        }
    }
}

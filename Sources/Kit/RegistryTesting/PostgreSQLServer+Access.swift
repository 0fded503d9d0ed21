import Foundation

/// Who gets in, and how.
extension PostgreSQLServer {
    /// The certificate of the server, which is also who signed it; there after ``encrypt(lettingIn:)``.
    public var certificateFile: String { "\(folder.path)/server.pem" }
    /// The certificate of a role, and its key.
    public var roleCertificate: (certificateFile: String, keyFile: String) {
        ("\(folder.path)/role.pem", "\(folder.path)/role.key")
    }

    /// Asks a role for its password from now on.
    public func requirePasswords(of role: String) async throws {
        try await putFirst("local all \(role) scram-sha-256\nhost all \(role) 127.0.0.1/32 scram-sha-256\n")
    }

    /// Turns TLS on, and lets a role in over the network by a certificate of its name alone.
    public func encrypt(lettingIn role: String) async throws {
        let (certificate, key) = roleCertificate
        try await make(certificateFile, key: "\(folder.path)/server.key", for: "localhost", "IP:127.0.0.1")
        try await make(certificate, key: key, for: role, "DNS:\(role)")
        for (name, value) in [
            ("ssl_cert_file", certificateFile), ("ssl_key_file", "\(folder.path)/server.key"),
            ("ssl_ca_file", certificate), ("ssl", "on"),
        ] {
            try await ask("ALTER SYSTEM SET \(name) = '\(value)'")
        }
        try await putFirst("hostssl all \(role) 127.0.0.1/32 cert\nhost all \(role) 127.0.0.1/32 reject\n")
    }

    private func make(_ certificate: String, key: String, for name: String, _ alternative: String) async throws {
        try await owned(
            Command(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc",
                    "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(alternative)",
                    "-keyout", key, "-out", certificate,
                ]
            )
        ).output()
    }

    /// Puts rules before all others, and lets the server read them.
    private func putFirst(_ lines: String) async throws {
        let path = "\(data)/pg_hba.conf"
        let known = try String(contentsOfFile: path, encoding: .utf8)
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.write(contentsOf: Data((lines + known).utf8))
        try file.close()
        try await ask("SELECT pg_reload_conf()")
    }
}

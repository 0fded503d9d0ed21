import HTTPServing
import Logging
import RegistryTesting

/// A certificate for 127.0.0.1 and its key, in files.
struct TestCertificate: Sendable {
    let folder: TemporaryFolder

    var certificateFile: String { "\(folder.path)/certificate.pem" }
    var keyFile: String { "\(folder.path)/key.pem" }

    /// Makes both with openssl.
    init() async throws {
        folder = try TemporaryFolder()
        try await replace()
    }

    /// Puts a new certificate and key in the place of the old ones.
    func replace() async throws {
        try await Command(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-keyout", keyFile, "-out", certificateFile,
            ]
        ).output()
    }

    func material() throws -> TLSMaterial {
        try TLSMaterial(
            certificateFile: certificateFile,
            keyFile: keyFile,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}

public import HTTPServing
import Logging

/// A certificate for 127.0.0.1 and localhost with its key, in files of a folder of its own.
public struct TestCertificate: Sendable {
    private let folder: TemporaryFolder

    /// The path of the certificate, in PEM; who trusts it trusts itself alone.
    public var certificateFile: String { "\(folder.path)/certificate.pem" }
    /// The path of the key, in PEM.
    public var keyFile: String { "\(folder.path)/key.pem" }

    /// Makes both with openssl.
    public init() async throws {
        folder = try TemporaryFolder()
        try await replace()
    }

    /// Puts a new certificate and key in the place of the old ones.
    public func replace() async throws {
        try await Command(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-keyout", keyFile, "-out", certificateFile,
            ]
        ).output()
    }

    /// What a server needs of it; the files are looked at again for as long as the server runs.
    public func material() throws -> TLSMaterial {
        try TLSMaterial(
            certificateFile: certificateFile,
            keyFile: keyFile,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}

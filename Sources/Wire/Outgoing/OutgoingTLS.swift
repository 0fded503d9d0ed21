import NIOSSL

/// Whom a client believes to be who they say, and how it shows who it is itself.
///
/// TLS 1.2 and up, always.
public struct OutgoingTLS: Sendable, Equatable {
    /// Whether the other side must show who it is.
    public enum Verification: Sendable, Equatable {
        /// Its certificate must be good, and for the host that was dialled.
        case full
        /// Anybody on the way may read and change everything: for a test, or where the user has insisted.
        case insecureAcceptsAnyCertificate
    }

    /// A certificate of one's own, for servers that ask for one.
    public struct ClientCertificate: Sendable, Equatable {
        /// The path of the certificate in PEM, with those that lead to its authority.
        public let certificateFile: String
        /// The path of the key in PEM, without a password.
        public let keyFile: String

        /// The paths of both.
        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Whether the other side must show who it is.
    public var verification: Verification
    /// The paths of authorities in PEM that are believed besides the system's own.
    public var authorityFiles: [String]
    /// A certificate of one's own.
    public var clientCertificate: ClientCertificate?

    /// The usual: the system's authorities, no certificate of one's own.
    public init(
        verification: Verification = .full,
        authorityFiles: [String] = [],
        clientCertificate: ClientCertificate? = nil
    ) {
        self.verification = verification
        self.authorityFiles = authorityFiles
        self.clientCertificate = clientCertificate
    }

    /// What the transport needs of it; reads the files.
    func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if verification == .insecureAcceptsAnyCertificate { configuration.certificateVerification = .none }
        for path in authorityFiles {
            let certificates = try Self.read(path, as: "the authority") { try NIOSSLCertificate.fromPEMFile(path) }
            configuration.additionalTrustRoots.append(.certificates(certificates))
        }
        if let own = clientCertificate {
            let chain = try Self.read(own.certificateFile, as: "the client's certificate") {
                try NIOSSLCertificate.fromPEMFile(own.certificateFile)
            }
            let key = try Self.read(own.keyFile, as: "the client's key") {
                try NIOSSLPrivateKey(file: own.keyFile, format: .pem)
            }
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(key)
        }
        return configuration
    }

    private static func read<Value>(_ path: String, as what: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw OutgoingError(
                .tls,
                "The file \(path) of \(what) cannot be read as PEM. Look whether it is there and readable.",
                underlying: error
            )
        }
    }
}

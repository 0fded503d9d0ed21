import Glibc
import Logging
import NIOSSL
import Synchronization

/// Certificate and key of a server, taken up anew when their files change.
public final class TLSMaterial: Sendable {
    private struct Loaded {
        var context: NIOSSLContext
        var changed: [Int64]
        var lookedAt: Int64
    }

    private let certificateFile: String
    private let keyFile: String
    private let log: Logger
    private let loaded: Mutex<Loaded>

    /// Loads both files, in PEM; the certificate file holds the whole chain, the server's own first.
    public init(certificateFile: String, keyFile: String, log: Logger) throws {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.log = log
        let changed = Self.changed([certificateFile, keyFile])
        loaded = Mutex(
            Loaded(context: try Self.load(certificateFile, keyFile), changed: changed, lookedAt: Self.second())
        )
    }

    /// The context for the next connection. The files are looked at once a second at most; new ones that cannot be
    /// used are reported, and the old ones go on.
    func context() -> NIOSSLContext {
        loaded.withLock { loaded in
            let now = Self.second()
            guard now != loaded.lookedAt else { return loaded.context }
            loaded.lookedAt = now
            let changed = Self.changed([certificateFile, keyFile])
            guard changed != loaded.changed else { return loaded.context }
            loaded.changed = changed
            do {
                loaded.context = try Self.load(certificateFile, keyFile)
                log.info("TLS certificate taken up anew", metadata: ["file": .string(certificateFile)])
            } catch {
                log.error(
                    "the changed TLS certificate cannot be used; the old one stays in use",
                    metadata: ["file": .string(certificateFile), "error": .string("\(error)")]
                )
            }
            return loaded.context
        }
    }

    private static func load(_ certificateFile: String, _ keyFile: String) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
        let key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    /// When each of the files was changed, in nanoseconds; -1 for one that is not there.
    private static func changed(_ files: [String]) -> [Int64] {
        files.map { file in
            var facts = stat()
            guard stat(file, &facts) == 0 else { return -1 }
            return Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec)
        }
    }

    private static func second() -> Int64 {
        Int64(time(nil))
    }
}

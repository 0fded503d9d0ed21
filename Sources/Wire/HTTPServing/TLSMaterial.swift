import Glibc
import Logging
import NIOSSL
import Synchronization

/// Certificate and key of a server, taken up anew when their files change.
public final class TLSMaterial: Sendable {
    private struct Loaded {
        var context: NIOSSLContext
        /// How the files were when they were last tried, whether they could be used or not.
        var files: [FileState]
        var lookedAt: Int64
        /// Why the files as they are now cannot be used; absent while the context is theirs.
        var failure: String?
    }

    /// What tells one state of a file from the next; all zero for one that is not there.
    private struct FileState: Equatable {
        var inode: UInt64 = 0
        var byteCount: Int64 = 0
        var seconds = 0
        var nanoseconds = 0
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
        let files = [certificateFile, keyFile].map(Self.state)
        loaded = Mutex(
            Loaded(context: try Self.load(certificateFile, keyFile), files: files, lookedAt: Self.second())
        )
    }

    /// The context for the next connection.
    ///
    /// The files are looked at once a second at most; new ones that cannot be used are reported, and the old ones go
    /// on. They are then tried again each second, changed or not: a pair of which only one file is new is whole when
    /// the other has come, and what was not readable may become so without a change of the file.
    func context() -> NIOSSLContext {
        loaded.withLock { loaded in
            let now = Self.second()
            guard now != loaded.lookedAt else { return loaded.context }
            loaded.lookedAt = now
            // Before they are read: what changes while they are read is then seen at the next look.
            let files = [certificateFile, keyFile].map(Self.state)
            guard files != loaded.files || loaded.failure != nil else { return loaded.context }
            loaded.files = files
            do {
                loaded.context = try Self.load(certificateFile, keyFile)
                loaded.failure = nil
                log.info("TLS certificate taken up anew", metadata: ["file": .string(certificateFile)])
            } catch {
                report("\(error)", &loaded.failure)
            }
            return loaded.context
        }
    }

    /// Says once why the files cannot be used, for as long as the reason is the same.
    private func report(_ reason: String, _ failure: inout String?) {
        guard failure != reason else { return }
        failure = reason
        log.error(
            "the changed TLS certificate cannot be used; the old one stays in use",
            metadata: ["file": .string(certificateFile), "error": .string(reason)]
        )
    }

    private static func load(_ certificateFile: String, _ keyFile: String) throws -> NIOSSLContext {
        try requireReadable(certificateFile, "certificate")
        try requireReadable(keyFile, "key")
        let chain = try explained("the certificate \(certificateFile) cannot be read as PEM") {
            try NIOSSLCertificate.fromPEMFile(certificateFile)
        }
        let key = try explained("the key \(keyFile) cannot be read as PEM, or has a passphrase") {
            try NIOSSLPrivateKey(file: keyFile, format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try explained("the key \(keyFile) does not belong to the certificate \(certificateFile)") {
            try NIOSSLContext(configuration: configuration)
        }
    }

    /// Says of a file that it is missing or may not be read, which the PEM reader does not.
    private static func requireReadable(_ file: String, _ what: String) throws {
        guard access(file, R_OK) != 0 else { return }
        let number = errno
        let reason =
            number == ENOENT ? "does not exist" : "cannot be read: \(String(cString: strerror(number)))"
        throw UnusableTLSMaterial(description: "the file of the \(what), \(file), \(reason)")
    }

    private static func explained<Value>(_ sentence: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw UnusableTLSMaterial(description: "\(sentence) (\(error))")
        }
    }

    private static func state(of file: String) -> FileState {
        var facts = stat()
        guard stat(file, &facts) == 0 else { return FileState() }
        return FileState(
            inode: UInt64(facts.st_ino),
            byteCount: Int64(facts.st_size),
            seconds: Int(facts.st_mtim.tv_sec),
            nanoseconds: Int(facts.st_mtim.tv_nsec)
        )
    }

    private static func second() -> Int64 {
        Int64(time(nil))
    }
}

/// Why a certificate or its key cannot be used, as a sentence for an operator.
public struct UnusableTLSMaterial: Error, CustomStringConvertible {
    /// The sentence, with the path of the file.
    public let description: String
}

import Foundation
import RegistryTesting

/// Debian's openssl, which judges what was made here.
enum OpenSSL {
    static let path = "/usr/bin/openssl"

    static func run(_ arguments: [String]) async throws -> CommandResult {
        try await Command(path, arguments, timeout: .seconds(20)).run()
    }

    /// What it says of a certificate.
    static func text(_ file: String, _ arguments: [String] = ["-text"]) async throws -> String {
        try await Command(path, ["x509", "-noout", "-in", file] + arguments).output()
    }

    /// Whether a certificate is one of a server that a CA vouches for, under a name.
    static func verifies(_ file: String, by authority: String, _ arguments: [String] = []) async throws -> Bool {
        let purpose = ["-purpose", "sslserver", "-x509_strict", "-check_ss_sig"]
        let result = try await run(["verify"] + purpose + ["-CAfile", authority] + arguments + [file])
        return result.status == 0
    }
}

extension TemporaryFolder {
    /// Puts a text into a file of the folder, and returns its path.
    func put(_ text: String, _ name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }
}

import CLinux
import Certificates
import Foundation
import Glibc

/// The folder of a CA and a server's certificate, held by one process at a time.
///
///     ca.pem       given to every client; never overwritten
///     ca.key       0600; never overwritten
///     server.pem   the certificate and its chain
///     server.key   0600
///
/// A file is written beside its place, made durable and then moved there, so no one reads half of one. The
/// server's certificate moves first, its key after it; between the two moves the pair does not fit, and a server that
/// runs goes on with the old one.
final class CertsFolder {
    /// What was made and what was there before.
    struct Made {
        var authority: CertificateFacts
        var server: CertificateFacts
        /// Whether the CA is new, so that clients have to be told of it.
        var isAuthorityNew: Bool
    }

    /// Who may do what with a file.
    private struct Rights {
        /// Those of a new one.
        var first: mode_t
        /// The most that one keeps that takes the place of another.
        var most: mode_t
    }

    private static let secret = Rights(first: 0o600, most: 0o640)
    private static let published = Rights(first: 0o644, most: 0o644)

    /// The longest file of certificates or keys that is read, in bytes.
    private static let fileSizeMax = 1 << 20

    /// The absolute path.
    let path: String
    /// The folder itself, open and locked until this object goes.
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        (self.path, self.descriptor) = (path, descriptor)
    }

    deinit { close(descriptor) }

    /// Opens the folder for this process alone; makes it where there is none.
    static func open(_ path: String) throws -> CertsFolder {
        let path = URL(fileURLWithPath: path).standardizedFileURL.path
        try makeFolders(path)
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("The folder \(path) cannot be opened") }
        let folder = CertsFolder(path: path, descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw failure("The folder \(path) cannot be locked") }
            throw Failure(description: "Another `wharf certs make` is at work in \(path). Try again when it has ended.")
        }
        return folder
    }

    /// Makes a folder and those above it, where they are not there.
    private static func makeFolders(_ path: String) throws {
        var above = ""
        for part in path.split(separator: "/") {
            above += "/\(part)"
            if mkdir(above, 0o755) == 0 { continue }
            let number = errno
            var facts = wharf_file_facts()
            // Which error a folder that is there gives depends on its file system.
            if wharf_look(above, -1, &facts) == 0, facts.mode & S_IFMT == S_IFDIR { continue }
            throw Failure(description: "The folder \(above) cannot be made: \(reason(number)).")
        }
    }

    /// Makes a certificate for the server, and the CA where there is none.
    func make(for names: [CertificateName], at now: Date, dayCount: Int) throws -> Made {
        var generator = SystemRandomNumberGenerator()
        let (authority, isNew) = try authority(at: now, using: &generator)
        try requireOwn(authority)
        let server: ServerCertificate
        do {
            server = try authority.issue(for: names, at: now, dayCount: dayCount, using: &generator)
        } catch let error as UnusableCertificate where error.code == .notValidNow {
            throw Failure(
                description: "\(file("ca.pem")): \(error.message). To begin anew, move ca.pem, ca.key, server.pem and "
                    + "server.key away, make again, and give the new ca.pem to every client."
            )
        } catch let error as UnusableCertificate {
            throw Failure(description: "No certificate can be made: \(error.message).")
        }
        if isNew {
            if !exists("ca.key") { try writeNew(authority.key.pem, "ca.key", rights: Self.secret) }
            try writeNew(authority.certificate, "ca.pem", rights: Self.published)
        }
        try replacePair(certificate: server.chain, key: server.key)
        return Made(
            authority: try authority.facts,
            server: try CertificateFacts.read(server.chain)[0],
            isAuthorityNew: isNew
        )
    }

    /// The text of a file of certificates or keys.
    static func text(of path: String) throws -> String {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("\(path) cannot be read") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= fileSizeMax {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("\(path) cannot be read") }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
        throw Failure(description: "\(path) is longer than \(fileSizeMax) bytes: it holds no certificate.")
    }

    // MARK: - The CA

    private func authority(
        at now: Date,
        using generator: inout SystemRandomNumberGenerator
    ) throws -> (CertificateAuthority, isNew: Bool) {
        switch (exists("ca.pem"), exists("ca.key")) {
        case (true, true):
            return (try knownAuthority(), false)
        case (true, false):
            throw Failure(
                description:
                    "\(file("ca.key")) is not there, but ca.pem is. Put the key back where it belongs, or make "
                    + "a new CA in another folder with --out and give its ca.pem to every client."
            )
        case (false, true):
            return (try authority(from: try key(), at: now, using: &generator), true)
        case (false, false):
            return (try CertificateAuthority.make(at: now, using: &generator), true)
        }
    }

    private func knownAuthority() throws -> CertificateAuthority {
        let key = try key()
        do {
            return try CertificateAuthority(certificate: try Self.text(of: file("ca.pem")), key: key)
        } catch let error as UnusableCertificate {
            switch error.code {
            case .damagedKey: throw damaged("ca.key", error)
            case .otherKey:
                throw Failure(
                    description: "\(file("ca.key")) does not belong to ca.pem beside it. Put the right one back, or "
                        + "make a new CA in another folder with --out."
                )
            default: throw damaged("ca.pem", error)
            }
        }
    }

    /// A CA from its key alone, as a crash between the two files leaves it: to clients it is the same as before.
    private func authority(
        from key: PrivateKeyText,
        at now: Date,
        using generator: inout SystemRandomNumberGenerator
    ) throws -> CertificateAuthority {
        do {
            return try CertificateAuthority.make(key: key, at: now, using: &generator)
        } catch let error as UnusableCertificate where error.code == .damagedKey {
            throw damaged("ca.key", error)
        }
    }

    private func key() throws -> PrivateKeyText {
        PrivateKeyText(try Self.text(of: file("ca.key")))
    }

    private func damaged(_ name: String, _ error: UnusableCertificate) -> Failure {
        Failure(
            description: "\(file(name)): \(error.message). Put back a copy of it, or make a new CA in another folder "
                + "with --out and give its ca.pem to every client."
        )
    }

    /// Refuses to replace a certificate that this CA has not signed: it may be somebody's own.
    private func requireOwn(_ authority: CertificateAuthority) throws {
        let foreign: String?
        if exists("server.pem") {
            foreign = authority.hasSigned(try Self.text(of: file("server.pem"))) ? nil : "server.pem"
        } else {
            // Its certificate comes first, so a key alone is not left from a crash.
            foreign = exists("server.key") ? "server.key" : nil
        }
        if let foreign {
            throw Failure(
                description: "\(file(foreign)) was not made by the CA in this folder and is not overwritten. "
                    + "Move server.pem and server.key away, or choose another folder with --out."
            )
        }
    }
}

// MARK: - Files

extension CertsFolder {
    private func file(_ name: String) -> String { "\(path)/\(name)" }

    private func exists(_ name: String) -> Bool {
        access(file(name), F_OK) == 0
    }

    /// Writes a file that is not there yet.
    private func writeNew(_ text: String, _ name: String, rights: Rights) throws {
        let staged = try stage(text, name, rights)
        defer { unlink(staged) }
        // Unlike a rename, a link does not replace what somebody else may have put there.
        guard link(staged, file(name)) == 0 else { throw Self.failure("\(file(name)) cannot be made") }
        try synchronize()
    }

    /// Puts both files of the server in their places, when both are whole and durable beside them.
    private func replacePair(certificate: String, key: PrivateKeyText) throws {
        let stagedCertificate = try stage(certificate, "server.pem", Self.published)
        defer { unlink(stagedCertificate) }
        let stagedKey = try stage(key.pem, "server.key", Self.secret)
        defer { unlink(stagedKey) }
        try move(stagedCertificate, to: "server.pem")
        try move(stagedKey, to: "server.key")
        try synchronize()
    }

    private func move(_ staged: String, to name: String) throws {
        guard rename(staged, file(name)) == 0 else { throw Self.failure("\(file(name)) cannot be replaced") }
    }

    /// Makes moves and links durable.
    private func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw Self.failure("\(path) cannot be written") }
    }

    /// A file with the text beside its place, with its rights from the first byte on.
    private func stage(_ text: String, _ name: String, _ rights: Rights) throws -> String {
        let staged = file(".\(name).new")
        // The lock is held: what lies there is left from a crash.
        unlink(staged)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = Glibc.open(staged, flags, rights.first)
        guard descriptor >= 0 else { throw Self.failure("\(file(name)) cannot be written") }
        defer { close(descriptor) }
        do {
            try keepOwner(of: name, descriptor, rights)
            try Self.write(Array(text.utf8), to: descriptor, "\(file(name)) cannot be written")
            return staged
        } catch {
            unlink(staged)
            throw error
        }
    }

    /// Gives a file the owner and rights of the one that it will replace: the server may run as another user than who
    /// renews, and be let in by the group.
    private func keepOwner(of name: String, _ descriptor: Int32, _ rights: Rights) throws {
        var (old, new) = (wharf_file_facts(), wharf_file_facts())
        guard wharf_look(file(name), -1, &old) == 0, wharf_look(nil, descriptor, &new) == 0 else { return }
        if (old.owner, old.group) != (new.owner, new.group) {
            guard fchown(descriptor, old.owner, old.group) == 0 else {
                throw Self.failure("\(file(name)) belongs to another user, who could not read a new one")
            }
        }
        guard fchmod(descriptor, old.mode & rights.most | 0o600) == 0 else {
            throw Self.failure("\(file(name)) cannot be written")
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ what: String) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.write(descriptor, raw.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(what) }
            done += count
        }
        guard fsync(descriptor) == 0 else { throw failure(what) }
    }

    private static func failure(_ what: String) -> Failure {
        Failure(description: "\(what): \(reason(errno)).")
    }

    private static func reason(_ number: Int32) -> String {
        switch number {
        case ENOSPC, EDQUOT: "the disk is full; make room and try again"
        case EROFS: "the file system is read-only; choose another folder with --out"
        case EACCES, EPERM: "this user may not; choose another folder, or run it as the owner of this one"
        case ENOTDIR, EEXIST: "something else has this name"
        default: String(cString: strerror(number))
        }
    }
}

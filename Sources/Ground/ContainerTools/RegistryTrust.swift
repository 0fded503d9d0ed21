import Foundation

/// Whom to trust at a registry, and how to show who one is: files of certificates.
public struct RegistryTrust: Sendable, Hashable {
    /// A client's certificate and its key, both in PEM; one file can have both.
    public struct ClientCertificate: Sendable, Hashable {
        /// The file of the certificate and those that vouch for it.
        public let certificateFile: String
        /// The file of the key.
        public let keyFile: String

        /// Names the files.
        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Files of certificate authorities that are trusted beside those of the system.
    public var authorityFiles: [String]
    /// The certificates that a client may show, the first being the one to show.
    public var clientCertificates: [ClientCertificate]

    /// Names files; without any there is no more than the system's trust.
    public init(authorityFiles: [String] = [], clientCertificates: [ClientCertificate] = []) {
        self.authorityFiles = authorityFiles
        self.clientCertificates = clientCertificates
    }

    /// Whether there is no file.
    public var isEmpty: Bool { authorityFiles.isEmpty && clientCertificates.isEmpty }

    /// Adds what another one has and this one has not.
    mutating func add(_ other: RegistryTrust) {
        authorityFiles += other.authorityFiles.filter { !authorityFiles.contains($0) }
        clientCertificates += other.clientCertificates.filter { !clientCertificates.contains($0) }
    }
}

/// The folders in which container tools keep certificates for registries: `certs.d/HOST[:PORT]`.
///
/// `*.crt` are authorities; `NAME.cert` and `NAME.key` are a client's certificate and its key. Sources: Docker's
/// "Verify repository client with certificates"; containers-certs.d(5); containerd's docs/hosts.md.
public struct TrustStore: Sendable {
    let machine: Machine

    /// Names a machine.
    public init(machine: Machine) {
        self.machine = machine
    }

    /// Everything that any of the tools has for a registry: the user's own first, then the machine's.
    public func trust(for host: String) -> RegistryTrust {
        var trust = RegistryTrust()
        for folder in folders(for: host) { trust.add(CertificateFolder(folder).trust) }
        // A hosts.toml that cannot be read is told of by who reads the mirrors.
        let hosts = try? ContainerdConfiguration(machine).hostsFile(for: LoginKey(host).host)
        trust.add(hosts?.server.trust ?? RegistryTrust())
        return trust
    }

    /// What is wrong in the folders of all registries.
    public func problems() -> [ToolFileProblem] {
        roots.flatMap { root in
            ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted().flatMap { name in
                CertificateFolder("\(root)/\(name)").problems
            }
        }
    }

    private var roots: [String] {
        [
            machine.configurationFolder + "/containers/certs.d",
            machine.configurationFolder + "/docker/certs.d",
            machine.home + "/.docker/certs.d",
            machine.root + "/etc/containers/certs.d",
            machine.root + "/etc/docker/certs.d",
            machine.root + "/etc/containerd/certs.d",
        ]
    }

    /// The folders for a registry; tools name Docker Hub's as references do, or by where its API is.
    private func folders(for host: String) -> [String] {
        let host = LoginKey(host).host
        // A name that leads out of the folder is no host.
        guard !host.isEmpty, !host.hasPrefix(".") else { return [] }
        let names = host == LoginKey.dockerHub ? ["docker.io", "registry-1.docker.io"] : [host]
        return roots.flatMap { root in names.map { "\(root)/\($0)" } }
    }
}

/// The files of one registry.
struct CertificateFolder {
    private let path: String
    private let names: [String]

    init(_ path: String) {
        self.path = path
        names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    private func base(_ name: String, _ ending: String) -> String? {
        name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : nil
    }

    var trust: RegistryTrust {
        let clients = names.compactMap { base($0, ".cert") }.filter { names.contains($0 + ".key") }
        return RegistryTrust(
            authorityFiles: names.filter { $0.hasSuffix(".crt") }.map { "\(path)/\($0)" },
            clientCertificates: clients.map {
                .init(certificateFile: "\(path)/\($0).cert", keyFile: "\(path)/\($0).key")
            }
        )
    }

    /// What Docker refuses, and keys that everybody can read.
    var problems: [ToolFileProblem] {
        names.flatMap { name -> [ToolFileProblem] in
            let file = "\(path)/\(name)"
            if let base = base(name, ".cert"), !names.contains(base + ".key") {
                let message = "the key \(base).key is missing; a certificate authority must be named .crt"
                return [ToolFileProblem(.missingCounterpart, path: file, message)]
            }
            guard let base = base(name, ".key") else { return [] }
            var problems: [ToolFileProblem] = []
            if !names.contains(base + ".cert") {
                let message = "the client's certificate \(base).cert is missing (.cert, not .crt)"
                problems.append(ToolFileProblem(.missingCounterpart, path: file, message))
            }
            if FileFacts(file)?.isWorldReadable == true {
                let message = "everybody on this machine can read this key; chmod 600 it"
                problems.append(ToolFileProblem(.worldReadable, .warning, path: file, message))
            }
            return problems
        }
    }
}

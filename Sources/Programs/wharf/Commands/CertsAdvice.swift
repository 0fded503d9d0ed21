import Certificates

/// What is printed when a certificate was made: what it is, how to serve with it, and where clients want the CA.
///
/// Every line that is not a command begins with `#`, so all of it can be pasted into a shell.
struct CertsAdvice {
    let folder: String
    let names: [CertificateName]
    let port: Int
    let made: CertsFolder.Made

    /// The whole text.
    var text: String {
        [what, serving, made.isAuthorityNew ? "" : unchanged, clients].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var authorityFile: String { Self.quoted("\(folder)/ca.pem") }

    /// How clients call the server: what stands before the repository in a reference.
    private var authority: String {
        // A wildcard is the name of no machine; one below it is.
        let first = names.first { !$0.isWildcard } ?? names.first
        let host = first.map { $0.isWildcard ? "registry" + $0.description.dropFirst() : $0.authorityHost }
        return (host ?? "localhost") + (port == 443 ? "" : ":\(port)")
    }

    private var what: String {
        let name = names.map(\.description).joined(separator: ", ")
        let authority = made.isAuthorityNew ? "Made a private CA" : "Signed by the CA that was there"
        return """
            # Made a certificate for \(name)
            #   until \(CertificateFacts.text(made.server.until)), serial number \(made.server.serialNumber)
            # \(authority): \(made.authority.subject)
            #   until \(CertificateFacts.text(made.authority.until)), SHA-256 \(made.authority.fingerprint)
            # All in \(folder); the two keys stay on this machine, ca.key best somewhere that the server does not reach.

            """
    }

    private var serving: String {
        let certificate = Self.quoted("\(folder)/server.pem")
        let key = Self.quoted("\(folder)/server.key")
        return """
            # Serve with it; one that runs with these files already takes the new ones up by itself:
            wharf serve --listen 0.0.0.0:\(port) --tls-certificate \(certificate) --tls-key \(key)

            """
    }

    private var unchanged: String {
        """
        # Clients that trust \(folder)/ca.pem go on as they are.

        """
    }

    private var clients: String {
        let docker = "/etc/docker/certs.d/\(authority)"
        let containerd = "/etc/containerd/certs.d/\(authority)"
        let containers = "/etc/containers/certs.d/\(authority)"
        // Twice: containerd 1.6 reads a file without sections not at all, and asks again by the first two lines for
        // what the section's host does not have; without the CA there, it would speak of an unknown authority then.
        let authorityLine = #"ca = "\#(containerd)/ca.crt""#
        let host = "https://\(authority)"
        let hosts = #"server = "\#(host)"\n\#(authorityLine)\n\n[host."\#(host)"]\n  \#(authorityLine)\n"#
        let store = "/usr/local/share/ca-certificates/wharf-private-ca.crt"
        return """
            # Each machine with a client wants ca.pem, nothing else. Copy it there and run what fits, with its path:

            # Docker (no restart needed)
            sudo install -D -m 644 \(authorityFile) \(Self.quoted(docker + "/ca.crt"))

            # podman, skopeo, buildah
            sudo install -D -m 644 \(authorityFile) \(Self.quoted(containers + "/ca.crt"))

            # containerd: nerdctl; ctr with --hosts-dir /etc/containerd/certs.d; and each node of Kubernetes.
            # For Kubernetes config_path of its registry section in /etc/containerd/config.toml must be
            # "/etc/containerd/certs.d"; restart containerd if you had to change that.
            sudo install -D -m 644 \(authorityFile) \(Self.quoted(containerd + "/ca.crt"))
            printf \(Self.quoted(hosts)) | sudo tee \(Self.quoted(containerd + "/hosts.toml")) >/dev/null

            # The store of the whole system: curl, git, and whatever asks it (Debian, Ubuntu)
            sudo install -D -m 644 \(authorityFile) \(store)
            sudo update-ca-certificates

            # Look at it
            curl --cacert \(authorityFile) \(Self.quoted("https://\(authority)/v2/"))

            """
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "-")...UInt8(ascii: ":")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return plain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}

extension FaultTable {
    /// What is wrong with TLS.
    static let trust: [Fault] = [
        Fault(
            "plain-http",
            at: .tls,
            printed: [
                "http: server gave HTTP response to HTTPS client",
                "tls: first record does not look like a TLS handshake",
            ],
            "The registry speaks HTTP without TLS on that port, and tools speak TLS to every host but this "
                + "machine itself."
        ) { subject in
            [
                Mend(
                    .registry,
                    "Give the registry a certificate; wharf makes an authority of its own, too.",
                    commands: [
                        "wharf certs make --name \(subject.bareHost)",
                        "wharf serve --listen 0.0.0.0:\(Mends.port(subject)) --tls-certificate server.pem "
                            + "--tls-key server.key",
                    ]
                ),
                Mend(
                    .any,
                    "Or bring the registry to this machine by a tunnel: localhost may be spoken to without TLS.",
                    commands: [
                        "ssh -NL 5000:localhost:\(Mends.port(subject)) \(subject.bareHost)",
                        "docker pull localhost:5000/\(subject.imageInRegistry)",
                    ]
                ),
            ] + Mends.insecure(subject, isPlain: true)
        },
        Fault(
            "tls-expected",
            at: .tls,
            printed: ["Client sent an HTTP request to an HTTPS server", "malformed HTTP response \"\\x15\\x03…"],
            "The registry speaks TLS on that port, and was spoken to without: some setting says that it is insecure."
        ) { subject in
            [
                Mend(
                    .docker,
                    "Take the registry out of insecure-registries.",
                    file: "\(subject.root)/etc/docker/daemon.json",
                    commands: ["sudo systemctl restart docker"]
                ),
                Mend(
                    .containerd,
                    "Write https:// there.",
                    file: "\(subject.root)/etc/containerd/certs.d/\(subject.host)/hosts.toml",
                    text: "server = \"https://\(subject.host)\""
                ),
                Mend(
                    .podman,
                    "Take `insecure = true` away, and leave out --tls-verify=false.",
                    file: "\(subject.root)/etc/containers/registries.conf"
                ),
                Mend(.wharf, "Leave out --plain-http.", commands: ["wharf doctor \(subject.image)"]),
            ]
        },
        Fault(
            "unknown-authority",
            at: .tls,
            printed: [
                "x509: certificate signed by unknown authority",
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                "certificate verify failed: unable to get local issuer certificate",
                "x509: certificate is not authorized to sign other certificates",
            ],
            "The registry's certificate is from an authority that this machine does not know: one of the "
                + "own house, one made "
                + "for this registry alone, or that of a proxy that opens TLS. Ask its operator for the "
                + "authority's certificate "
                + "and compare the fingerprint; what the connection itself shows could be anybody's."
        ) { subject in
            [
                Mend(
                    .any,
                    "See what the registry shows.",
                    commands: [
                        "openssl s_client -connect \(subject.socket) -showcerts </dev/null",
                        "openssl x509 -in ca.crt -noout -subject -fingerprint -sha256",
                    ]
                )
            ] + Mends.authority(subject) + [
                Mend(
                    .registry,
                    "Where the authority is a public one, the server must also send the certificates in between "
                        + "(fullchain.pem)."
                )
            ] + Mends.insecure(subject, isPlain: false)
        },
        Fault(
            "wrong-name",
            at: .tls,
            printed: [
                "x509: certificate is valid for …, not …",
                "x509: cannot validate certificate for … because it doesn't contain any IP SANs",
                "x509: certificate relies on legacy Common Name field, use SANs instead",
                "x509: certificate is not valid for any names",
            ],
            "The certificate is good, but for other names than the one in the reference. The common name "
                + "counts no more, only "
                + "the alternative names."
        ) { subject in
            [
                Mend(
                    .any,
                    "Name the registry as its certificate does; see which names that are.",
                    commands: [
                        "openssl s_client -connect \(subject.socket) </dev/null | openssl x509 -noout -ext "
                            + "subjectAltName"
                    ]
                ),
                Mend(
                    .registry,
                    "Or have a certificate with this name too.",
                    commands: ["wharf certs make --name \(subject.bareHost)"]
                ),
            ]
        },
        Fault(
            "certificate-expired",
            at: .tls,
            printed: [
                "x509: certificate has expired or is not yet valid: current time … is after …",
                "x509: certificate has expired or is not yet valid", "certificate has expired",
            ],
            "The certificate has ended, or the clock of this machine is ahead."
        ) { subject in
            [
                Mend(.any, "Look at the clock of this machine.", commands: ["date -u", "timedatectl"]),
                Mend(
                    .registry,
                    "Renew the certificate; wharf takes the new file without a restart.",
                    commands: ["wharf certs make --name \(subject.bareHost)", "sudo certbot renew"]
                ),
            ]
        },
        Fault(
            "certificate-not-yet-valid",
            at: .tls,
            printed: [
                "x509: certificate has expired or is not yet valid: current time … is before …",
                "certificate is not yet valid",
            ],
            "The certificate begins later than it is on this machine: nearly always the clock of the machine is behind."
        ) { _ in Mends.clock },
        Fault(
            "client-certificate",
            at: .tls,
            printed: [
                "remote error: tls: certificate required", "remote error: tls: bad certificate",
                "missing key … for client certificate …", "missing client certificate … for key …",
            ],
            "The registry wants a certificate of the client, or another one than it was shown."
        ) { subject in
            func files(_ tool: String) -> [String] {
                let folder = "\(subject.root)/etc/\(tool)/certs.d/\(subject.host)"
                return [
                    "sudo mkdir -p \(folder)", "sudo cp client.cert \(folder)/client.cert",
                    "sudo install -m 600 client.key \(folder)/client.key",
                ]
            }
            return [
                Mend(
                    .docker,
                    "The certificate is named .cert and its key .key; .crt would be an authority.",
                    file: "\(subject.root)/etc/docker/certs.d/\(subject.host)/client.cert",
                    commands: files("docker")
                ),
                Mend(
                    .containerd,
                    "Name both in hosts.toml.",
                    file: "\(subject.root)/etc/containerd/certs.d/\(subject.host)/hosts.toml",
                    text: "[host.\"https://\(subject.host)\"]\n  client = [[\"/etc/containerd/client.cert\", "
                        + "\"/etc/containerd/client.key\"]]"
                ),
                Mend(
                    .podman,
                    "As for Docker, in its own folder.",
                    file: "\(subject.root)/etc/containers/certs.d/\(subject.host)/client.cert",
                    commands: files("containers")
                ),
                Mend(
                    .wharf,
                    "Name both.",
                    commands: [
                        "wharf doctor --client-certificate client.cert --client-key client.key \(subject.image)"
                    ]
                ),
            ]
        },
        Fault(
            "tls-failed",
            at: .tls,
            printed: [
                "tls: protocol version not supported", "remote error: tls: handshake failure",
                "tls: server selected unsupported protocol version …", "remote error: tls: internal error",
                "TLS handshake failed", "remote error: tls: unrecognized name",
            ],
            "Both sides find no common way to speak TLS: the server has only versions before 1.2, or "
                + "ciphers that nobody takes "
                + "any more, or knows no certificate for that name."
        ) { subject in
            [
                Mend(
                    .any,
                    "See what the server speaks.",
                    commands: ["openssl s_client -connect \(subject.socket) -servername \(subject.bareHost) </dev/null"]
                ),
                Mend(
                    .registry,
                    "Allow TLS 1.2 and 1.3 (nginx).",
                    text: "ssl_protocols TLSv1.2 TLSv1.3;"
                ),
            ]
        },
        Fault(
            "clock-wrong",
            at: .clock,
            printed: [
                "token used before issued", "token is not valid yet", "Signature not yet current", "Signature expired",
                "RequestTimeTooSkewed", "token is not yet valid",
            ],
            "The clocks of this machine and of the registry differ: tokens, signed addresses and "
                + "certificates are then good too "
                + "early or too late."
        ) { _ in Mends.clock },
    ]
}

extension Mends {
    /// How a clock is set.
    static let clock: [Mend] = [
        Mend(
            .any,
            "Set the clock of this machine by the network; a virtual machine that was paused is often behind.",
            commands: ["date -u", "sudo timedatectl set-ntp true", "sudo systemctl restart systemd-timesyncd"]
        ),
        Mend(
            .any,
            "In WSL and Docker Desktop, the clock of the virtual machine counts.",
            commands: ["sudo hwclock --hctosys"]
        ),
    ]
}

/// Mends that several faults have.
enum Mends {
    /// The port that a registry is dialled at.
    static func port(_ subject: FaultSubject) -> String {
        String(
            subject.socket[
                subject.socket.index(after: subject.socket.lastIndex(of: ":") ?? subject.socket.startIndex)...
            ]
        )
    }

    /// How each tool is told of a proxy.
    static func proxy(_ subject: FaultSubject) -> [Mend] {
        let proxy = "http://\(subject.proxy ?? "proxy.example:3128")"
        let exceptions = "localhost,127.0.0.1,.internal.example"
        let unit =
            "[Service]\nEnvironment=\"HTTP_PROXY=\(proxy)\"\nEnvironment=\"HTTPS_PROXY=\(proxy)\"\n"
            + "Environment=\"NO_PROXY=\(exceptions)\""
        return [
            Mend(
                .docker,
                "Where all must go through a proxy, the daemon is told so, since it is the daemon that pulls; "
                    + "~/.docker/config.json is only for what runs in containers and builds.",
                file: "\(subject.root)/etc/systemd/system/docker.service.d/http-proxy.conf",
                text: unit,
                commands: ["sudo systemctl daemon-reload", "sudo systemctl restart docker"]
            ),
            Mend(
                .docker,
                "From Docker 23 on, the same can stand in daemon.json.",
                file: "\(subject.root)/etc/docker/daemon.json",
                text: "{\n  \"proxies\": {\n    \"http-proxy\": \"\(proxy)\",\n    \"https-proxy\": \"\(proxy)\",\n"
                    + "    \"no-proxy\": \"\(exceptions)\"\n  }\n}",
                commands: ["sudo systemctl restart docker"]
            ),
            Mend(
                .containerd,
                "containerd is told by its unit too.",
                file: "\(subject.root)/etc/systemd/system/containerd.service.d/http-proxy.conf",
                text: unit,
                commands: ["sudo systemctl daemon-reload", "sudo systemctl restart containerd"]
            ),
            Mend(
                .podman,
                "podman reads the variables of the shell, or its own file.",
                file: "\(subject.root)/etc/containers/containers.conf",
                text: "[engine]\nenv = [\"https_proxy=\(proxy)\", \"no_proxy=\(exceptions)\"]"
            ),
            Mend(.wharf, "wharf reads the variables of the shell.", commands: ["export https_proxy=\(proxy)"]),
        ]
    }

    /// How a host goes past the proxy.
    static func noProxy(_ subject: FaultSubject) -> [Mend] {
        [
            Mend(
                .any,
                "A registry of the own network needs no proxy: name it in NO_PROXY, in the shell for podman "
                    + "and wharf, and "
                    + "in the daemon's unit for Docker and containerd (http-proxy.conf, below).",
                commands: ["export NO_PROXY=\"$NO_PROXY,\(subject.bareHost)\""]
            )
        ]
    }

    /// How a login is made with each tool.
    static func login(_ subject: FaultSubject) -> [Mend] {
        let host = subject.host
        return [
            Mend(.wharf, "Log in; what is kept serves Docker as well.", commands: ["wharf login \(host)"]),
            Mend(
                .docker,
                "Log in as the user that pulls: with sudo, root's login counts.",
                commands: ["docker login \(subject.isDockerHub ? "" : host)".trimmedEnd]
            ),
            Mend(.podman, "Log in.", commands: ["podman login \(host)"]),
            Mend(
                .containerd,
                "containerd keeps no logins: name them when pulling, or give Kubernetes a secret.",
                commands: [
                    "sudo ctr images pull --user USER \(subject.image)",
                    "kubectl create secret docker-registry registry --docker-server=\(host) --docker-username=USER "
                        + "--docker-password=PASSWORD",
                ]
            ),
        ]
    }

    /// How the machine is pointed at a mirror.
    static func mirror(_ subject: FaultSubject) -> [Mend] {
        [
            Mend(
                .any,
                "Or have a mirror in the own network, and point Docker, containerd and podman to it.",
                commands: ["wharf mirror generate https://mirror.example --for \(subject.host) --tool all"]
            )
        ]
    }

    /// Where each tool looks for an authority.
    static func authority(_ subject: FaultSubject) -> [Mend] {
        let host = subject.host
        let hub = subject.isDockerHub
        func folder(_ tool: String) -> String { "\(subject.root)/etc/\(tool)/certs.d/\(host)" }
        func install(_ folder: String) -> [String] { ["sudo mkdir -p \(folder)", "sudo cp ca.crt \(folder)/ca.crt"] }
        let server = hub ? "https://registry-1.docker.io" : "https://\(host)"
        return [
            Mend(
                .docker,
                "Put the authority's certificate, in PEM, where Docker looks for it; nothing is restarted.",
                file: "\(folder("docker"))/ca.crt",
                commands: install(folder("docker"))
            ),
            Mend(
                .containerd,
                "The same beside hosts.toml; config.toml must have config_path = \"/etc/containerd/certs.d\".",
                file: "\(folder("containerd"))/hosts.toml",
                text: "server = \"\(server)\"\n\n[host.\"\(server)\"]\n  ca = \"\(folder("containerd"))/ca.crt\"",
                commands: install(folder("containerd"))
            ),
            Mend(
                .podman,
                "Put it where podman, buildah and skopeo look for it.",
                file: "\(folder("containers"))/ca.crt",
                commands: install(folder("containers"))
            ),
            Mend(
                .wharf,
                "wharf reads all of these folders, or is told the file.",
                commands: ["wharf doctor --ca ca.crt \(subject.image)"]
            ),
            Mend(
                .any,
                "Or let the whole machine believe it, and restart the daemons.",
                file: "\(subject.root)/usr/local/share/ca-certificates/registry.crt",
                commands: [
                    "sudo cp ca.crt /usr/local/share/ca-certificates/registry.crt", "sudo update-ca-certificates",
                    "sudo systemctl restart docker",
                ]
            ),
        ]
    }

    /// How tools are made to trust anybody: to do without TLS, or to take any certificate.
    static func insecure(_ subject: FaultSubject, isPlain: Bool) -> [Mend] {
        let host = subject.host
        let server = "\(isPlain ? "http" : "https")://\(host)"
        let why = "Only where nothing else is left, since anybody on the way may then read and change images: "
        return [
            Mend(
                .docker,
                why + "tell Docker.",
                file: "\(subject.root)/etc/docker/daemon.json",
                text: "{\n  \"insecure-registries\": [\"\(host)\"]\n}",
                commands: ["sudo systemctl restart docker"],
                isLastResort: true
            ),
            Mend(
                .containerd,
                why + "tell containerd.",
                file: "\(subject.root)/etc/containerd/certs.d/\(host)/hosts.toml",
                text: "server = \"\(server)\"\n\n[host.\"\(server)\"]\n"
                    + (isPlain ? "  capabilities = [\"pull\", \"resolve\", \"push\"]" : "  skip_verify = true"),
                isLastResort: true
            ),
            Mend(
                .podman,
                why + "tell podman.",
                file: "\(subject.root)/etc/containers/registries.conf.d/insecure.conf",
                text: "[[registry]]\nlocation = \"\(host)\"\ninsecure = true",
                isLastResort: true
            ),
            Mend(
                .wharf,
                why + "say it with each command.",
                commands: ["wharf doctor \(isPlain ? "--plain-http" : "--insecure") \(subject.image)"],
                isLastResort: true
            ),
        ]
    }
}

extension String {
    fileprivate var trimmedEnd: String { hasSuffix(" ") ? String(dropLast()) : self }
}

extension FaultTable {
    /// What is wrong with the name itself.
    static let naming: [Fault] = [
        Fault(
            "invalid-name",
            at: .name,
            printed: [
                "invalid reference format", "repository name must be lowercase",
                "repository name (…) must be lowercase",
                "could not parse reference", "invalid repository name", "Error parsing reference: …",
            ],
            "The text is no reference: `[registry[:port]/]repository[:tag][@digest]`. Names of repositories "
                + "have lower-case "
                + "letters, digits and . _ - between them; there is no https:// before a reference, and no space in it."
        ) { _ in
            [
                Mend(.any, "Write the name in lower case, without a scheme and without spaces."),
                Mend(
                    .any,
                    "A registry on a port of its own is named with its host, HOST:PORT/REPOSITORY:TAG: what "
                        + "stands behind "
                        + "the last colon is a tag, unless a slash follows."
                ),
                Mend(
                    .any,
                    "In a script, look whether a variable is empty, or has the line end of Windows: print the name in "
                        + "brackets.",
                    commands: ["printf '[%s]\\n' \"$IMAGE\" | cat -A"]
                ),
            ]
        },
        Fault(
            "docker-not-running",
            at: .files,
            printed: [
                "Cannot connect to the Docker daemon at …. Is the docker daemon running?",
                "error during connect: …: open //./pipe/docker_engine",
                "dial unix …/docker.sock: connect: no such file or directory",
            ],
            "The client does not reach its own daemon: no registry was asked."
        ) { _ in
            [
                Mend(
                    .docker,
                    "Start the daemon, and look why it has ended.",
                    commands: ["sudo systemctl start docker", "sudo journalctl -u docker -n 30 --no-pager"]
                ),
                Mend(.wharf, "wharf needs no daemon.", commands: ["wharf copy IMAGE oci:image"]),
            ]
        },
        Fault(
            "docker-not-permitted",
            at: .files,
            printed: [
                "permission denied while trying to connect to the Docker daemon socket",
                "dial unix …/docker.sock: connect: permission denied",
            ],
            "This user may not speak to Docker's daemon: no registry was asked. Who may is as good as root "
                + "on the machine."
        ) { _ in
            [
                Mend(.docker, "Run it as root.", commands: ["sudo docker info"]),
                Mend(
                    .docker,
                    "Or let this user be as good as root: add him to the group, and log in anew.",
                    commands: ["sudo usermod -aG docker \"$USER\""]
                ),
            ]
        },
    ]

    /// What is wrong on this machine.
    static let machine: [Fault] = [
        Fault(
            "tool-files",
            at: .files,
            printed: [
                "unable to configure the Docker daemon with file …",
                "the following directives don't match any configuration option: …",
                "the following directives are specified both as a flag and in the configuration file: …",
                "error loading config file: …", "WARNING: Error loading config file: …",
                "Error loading registries configuration …", "loading registries configuration …",
                "failed to load …hosts.toml", "failed to decode hosts.toml",
            ],
            "A file of a container tool cannot be understood, or says what its tool does not know."
        ) { subject in
            subject.problems.map { Mend(.any, $0) } + [
                Mend(
                    .docker,
                    "daemon.json has keys of its own; proxies stand there as http-proxy, https-proxy and "
                        + "no-proxy, and not "
                        + "as default.httpProxy, which belongs into ~/.docker/config.json. Let Docker check the file.",
                    file: "\(subject.root)/etc/docker/daemon.json",
                    commands: ["sudo dockerd --validate --config-file=/etc/docker/daemon.json"]
                )
            ]
        },
        Fault(
            "credential-helper",
            at: .files,
            printed: [
                "error getting credentials - err: …",
                "exec: \"docker-credential-…\": executable file not found in $PATH",
                "error storing credentials - err: …",
            ],
            "The file of logins names a program that keeps them, and that program is not there or did not do it."
        ) { subject in
            subject.problems.map { Mend(.any, $0) } + [
                Mend(
                    .docker,
                    "Install the program that `credsStore` or `credHelpers` names, or take the key out of "
                        + "the file and log "
                        + "in again.",
                    file: "\(subject.home)/.docker/config.json",
                    commands: ["docker login \(subject.host)"]
                )
            ]
        },
        Fault(
            "disk-full",
            at: .disk,
            printed: [
                "no space left on device", "failed to register layer: …no space left on device",
                "write …: no space left on device", "disk quota exceeded",
            ],
            "The disk of the tool has no room for the layers, which take two or three times more when they "
                + "are unpacked. On a "
                + "push, the registry's disk may be meant."
        ) { _ in
            [
                Mend(
                    .docker,
                    "Look what takes the room, and remove what no container uses.",
                    commands: ["docker system df", "docker image prune --all", "docker builder prune"]
                ),
                Mend(
                    .containerd,
                    "Remove what no container uses.",
                    commands: ["sudo crictl rmi --prune", "sudo ctr -n k8s.io content prune references"]
                ),
                Mend(
                    .podman,
                    "Look what takes the room, and remove what no container uses.",
                    commands: ["podman system df", "podman image prune --all"]
                ),
                Mend(
                    .docker,
                    "Or let Docker keep its images on a larger disk.",
                    file: "/etc/docker/daemon.json",
                    text: "{\n  \"data-root\": \"/mnt/large/docker\"\n}",
                    commands: ["sudo systemctl restart docker"]
                ),
            ]
        },
    ]
}

import ContainerTools

extension FuzzTarget {
    /// What files of container tools say is a place that can be asked; a problem stands on a line of the file; and a
    /// login that is written there is found again, with all the others as they were.
    ///
    /// The same bytes are config.json, daemon.json, registries.conf and hosts.toml.
    static func checkToolFiles(_ bytes: [UInt8]) throws(Violation) {
        let file = try FuzzFile(.toolFiles)
        defer { file.remove() }
        try file.write(bytes)
        try file.link("etc/docker/daemon.json")
        try file.link("etc/containerd/certs.d/registry.example/hosts.toml")
        let machine = Machine(
            // No program is there that a file could name.
            environment: ["CONTAINERS_REGISTRIES_CONF": file.path, "PATH": "\(file.folder)/none"],
            home: "\(file.folder)/home",
            root: file.folder
        )
        let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        let files = MirrorFiles(machine: machine)
        for problem in files.problems() {
            let isWithin = problem.line.map { (1...lineCount).contains($0) } ?? true
            try require(isWithin, "the problem is on a line of the file: \(problem)")
        }
        for tool in ContainerTool.allCases {
            for host in ["registry.example", "docker.io"] {
                guard let set = try? files.mirrors(for: host, repository: "team/app", of: [tool]) else { continue }
                for mirror in set.mirrors + (set.location.map { [$0] } ?? []) {
                    try require(!mirror.host.isEmpty, "a mirror has a host: \(mirror)")
                    try require(mirror.usesTLS || mirror.isInsecure, "nothing goes in the clear unasked: \(mirror)")
                    _ = mirror.repository(for: "team/app")
                }
            }
        }
        try checkLogins(file, machine)
    }

    private static func checkLogins(_ file: FuzzFile, _ machine: Machine) throws(Violation) {
        let store = LoginStore(machine: machine, file: file.path)
        let hosts = ["registry.example", "docker.io", "other.example:5000"]
        let before = hosts.map { host in Result { try store.login(for: host) } }
        let login = StoredLogin.password(user: "alice", password: "open: sesame")
        guard let place = try? store.store(login, for: "new.example:5000") else { return }
        try require(place == .file(path: file.path), "without helpers it stands in the file: \(place)")
        let found = try? store.login(for: "new.example:5000")
        try require(found?.login == login, "a login that was stored is found")
        for (host, old) in zip(hosts, before) {
            guard case .success(let old) = old else { continue }
            try require((try? store.login(for: host)) == old, "the login of \(host) is as it was")
        }
    }
}

/// The files that say which mirrors a registry has: daemon.json, registries.conf, hosts.toml.
public struct MirrorFiles: Sendable {
    let machine: Machine

    /// Names a machine.
    public init(machine: Machine) {
        self.machine = machine
    }

    /// The mirrors of a registry, and whether it is insecure or blocked.
    ///
    /// Each tool has its own order; of several tools, podman's come first, because they are said for the narrowest
    /// prefix, then Docker's, then containerd's. What two of them name is there once. A file that cannot be understood
    /// is thrown: to pass it over could send a pull where nobody meant it to go.
    public func mirrors(
        for host: String,
        repository: String? = nil,
        of tools: Set<ContainerTool> = Set(ContainerTool.allCases)
    ) throws(ToolFileProblem) -> MirrorSet {
        let key = LoginKey(host: host, repository: repository)
        var set = MirrorSet()
        if tools.contains(.podman) { try addPodman(key, to: &set) }
        if tools.contains(.docker) { try addDocker(key, to: &set) }
        if tools.contains(.containerd) { try addContainerd(key, to: &set) }
        return set
    }

    /// The registries that podman tries for a name without one, in their order.
    public func searchRegistries() throws(ToolFileProblem) -> [String] {
        try RegistriesConfiguration(machine).searchRegistries
    }

    private func addPodman(_ key: LoginKey, to set: inout MirrorSet) throws(ToolFileProblem) {
        guard let rule = try RegistriesConfiguration(machine).rule(for: key) else { return }
        set.add(rule.registryMirrors(for: key))
        set.blockedBy = rule.isBlocked ? rule.path : nil
        set.location = rule.registryLocation(for: key)
        // What is said of a location is not said of the host that it stands in for.
        let isElsewhere = set.location.map { LoginKey($0.host).host != key.host } ?? false
        set.isInsecure = rule.isInsecure && !isElsewhere
    }

    private func addDocker(_ key: LoginKey, to set: inout MirrorSet) throws(ToolFileProblem) {
        for path in DaemonFile.paths(machine) {
            guard let file = try DaemonFile(reading: path) else { continue }
            // Docker asks mirrors for what is on Docker Hub, and for nothing else.
            if key.host == LoginKey.dockerHub { set.add(try file.hubMirrors()) }
            if InsecureRegistries(try file.insecureRegistries()).contains(key.host) { set.isInsecure = true }
        }
    }

    private func addContainerd(_ key: LoginKey, to set: inout MirrorSet) throws(ToolFileProblem) {
        guard let file = try ContainerdConfiguration(machine).hostsFile(for: key.host) else { return }
        set.add(file.hosts.compactMap { file.mirror($0, for: key.host) })
        let server = file.server
        // Without a `server` the settings at the top are for the registry itself.
        if server.address.map({ LoginKey($0.host).host == key.host }) ?? true {
            if server.isInsecure { set.isInsecure = true }
        } else if set.location == nil {
            set.location = file.mirror(server, for: key.host)
        }
    }

    /// What is wrong with the files of all tools.
    public func problems() -> [ToolFileProblem] {
        var problems: [ToolFileProblem] = []
        for path in DaemonFile.paths(machine) {
            do throws(ToolFileProblem) {
                problems += try DaemonFile(reading: path)?.problems ?? []
            } catch {
                problems.append(error)
            }
        }
        for path in RegistriesConfiguration.paths(machine) {
            do throws(ToolFileProblem) {
                problems += try RegistriesFile(reading: path)?.problems ?? []
            } catch {
                problems.append(error)
            }
        }
        return problems + ContainerdConfiguration(machine).problems()
    }
}

extension MirrorSet {
    /// Adds mirrors that are not there yet.
    mutating func add(_ others: [RegistryMirror]) {
        for other in others
        where !mirrors.contains(where: { $0.address == other.address && $0.apiPath == other.apiPath }) {
            mirrors.append(other)
        }
    }
}

import Documents

extension LoginStore {
    /// The registries that the files name, in the order of the files, each once: what somebody may have logged in to.
    ///
    /// No helper is run; files that cannot be read are passed over.
    public var hosts: [String] {
        var hosts: [String] = []
        for source in sources {
            guard let found = try? source.read(machine), let entries = try? found.entries() else { continue }
            let helped = found.root["credHelpers"]?.members?.map { LoginKey($0.name) } ?? []
            for key in entries.map(\.key) + helped where !key.host.isEmpty && !hosts.contains(key.host) {
                hosts.append(key.host)
            }
        }
        return hosts
    }
}

import Foundation

/// What all files of registries.conf say together.
///
/// A user's own registries.conf takes the place of the machine's and of the machine's folder; later files win over
/// earlier ones, rule for rule. Source: containers-registries.conf.d(5).
struct RegistriesConfiguration {
    private(set) var rules: [RegistryRule] = []
    private(set) var searchRegistries: [String] = []

    init(_ machine: Machine) throws(ToolFileProblem) {
        for path in Self.paths(machine) {
            guard let file = try RegistriesFile(reading: path) else { continue }
            if let registries = try file.searchRegistries() { searchRegistries = registries }
            for rule in try file.rules() {
                if let index = rules.firstIndex(where: { $0.prefix == rule.prefix }) {
                    rules[index] = rule
                } else {
                    rules.append(rule)
                }
            }
        }
    }

    /// The rule with the longest prefix that fits.
    func rule(for key: LoginKey) -> RegistryRule? {
        var best: (rule: RegistryRule, length: Int)?
        for rule in rules {
            guard let length = rule.prefix.length(in: key), length > best?.length ?? 0 else { continue }
            best = (rule, length)
        }
        return best?.rule
    }

    /// The files in the order in which they are read.
    static func paths(_ machine: Machine) -> [String] {
        let system = machine.root + "/etc/containers/registries.conf"
        let user = machine.configurationFolder + "/containers/registries.conf"
        if let path = machine.variable("CONTAINERS_REGISTRIES_CONF") ?? machine.variable("REGISTRIES_CONFIG_PATH") {
            return [path]
        }
        if FileFacts(user) != nil { return [user] + parts(user + ".d") }
        return [system] + parts(system + ".d") + parts(user + ".d")
    }

    private static func parts(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".conf") }.sorted().map { "\(folder)/\($0)" }
    }
}

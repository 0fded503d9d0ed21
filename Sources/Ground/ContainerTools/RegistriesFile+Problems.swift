import Documents

extension RegistriesFile {
    private static let rootKeys: Set<String> = [
        "additional-layer-store-auth-helper", "aliases", "credential-helpers", "registry", "short-name-mode",
        "unqualified-search-registries",
    ]
    private static let registryKeys: Set<String> = [
        "blocked", "insecure", "location", "mirror", "mirror-by-digest-only", "prefix",
    ]
    private static let mirrorKeys: Set<String> = ["insecure", "location", "pull-from-mirror"]

    /// What podman refuses or passes over.
    var problems: [ToolFileProblem] {
        if let old = file.root["registries"] {
            let advice = "write unqualified-search-registries = […] and [[registry]]"
            let message = "this is version 1 of the format, which podman is giving up: \(advice)"
            return old.members == nil ? [] : [file.problem(.outdatedKey, message, at: ["registries"])]
        }
        let rules: [RegistryRule]
        do throws(ToolFileProblem) {
            rules = try self.rules()
            _ = try searchRegistries()
        } catch {
            return [error]
        }
        let mirrorProblems = rules.enumerated().flatMap { problems(of: $1, at: ["registry", .index($0)]) }
        return keyProblems() + mirrorProblems
    }

    private func problems(of rule: RegistryRule, at steps: [TOMLDocument.Step]) -> [ToolFileProblem] {
        rule.mirrors.enumerated().compactMap { index, mirror in
            guard let message = DeadMirror.message(mirror.location) else { return nil }
            return file.problem(.deadMirror, message, at: steps + ["mirror", .index(index)])
        }
    }

    /// Keys that are read over without a word.
    private func keyProblems() -> [ToolFileProblem] {
        var problems = unknown(in: file.root, Self.rootKeys, at: [])
        guard case .array(let registries) = file.root["registry"] else { return problems }
        for (index, registry) in registries.enumerated() {
            let steps: [TOMLDocument.Step] = ["registry", .index(index)]
            problems += unknown(in: registry, Self.registryKeys, at: steps)
            guard case .array(let mirrors) = registry["mirror"] else { continue }
            for (index, mirror) in mirrors.enumerated() {
                problems += unknown(in: mirror, Self.mirrorKeys, at: steps + ["mirror", .index(index)])
            }
        }
        return problems
    }

    private func unknown(
        in table: JSONValue,
        _ known: Set<String>,
        at steps: [TOMLDocument.Step]
    ) -> [ToolFileProblem] {
        (table.members ?? []).map(\.name).filter { !known.contains($0) }.map { name in
            let message = "podman knows no key \"\(name)\" here and reads it over"
            return file.problem(.unknownKey, message, at: steps + [.key(name)], severity: .warning)
        }
    }
}

extension SettingsTable {
    /// One thing that was said, wherever it was said.
    private struct Statement {
        let declaration: SettingDeclaration<Root>
        let text: String
        let origin: SettingOrigin
    }

    /// Reads all sources, later ones over earlier ones: defaults, file, environment, flags.
    ///
    /// Every value that is given is checked, also one that a later source replaces.
    func load(
        file: ConfigurationFile?,
        environment: [String: String],
        arguments: [String]
    ) throws(SettingsError) -> LoadedSettings<Root> {
        var problems: [SettingProblem] = []
        var statements: [Statement] = []
        if let file { statements += try self.statements(of: file, &problems) }
        statements += self.statements(of: environment, &problems)
        statements += self.statements(of: arguments, &problems)

        var settings = defaults
        var origins: [String: SettingOrigin] = [:]
        for statement in statements {
            if statement.declaration.assign(statement.text, &settings) {
                origins[statement.declaration.key] = statement.origin
            } else {
                problems.append(wrongValue(statement))
            }
        }
        if problems.isEmpty { problems = contradictions(settings) }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return LoadedSettings(settings, table: self, origins: origins)
    }

    private func wrongValue(_ statement: Statement) -> SettingProblem {
        let shown = statement.declaration.isSecret ? Secret.redacted : "\"\(statement.text)\""
        let message = "\(statement.declaration.key) is \(shown); it must be \(statement.declaration.expected)"
        return SettingProblem(code: .wrongValue, origin: statement.origin, message: message)
    }

    private func unknown(
        _ name: String,
        _ what: String,
        _ origin: SettingOrigin,
        among known: [String]
    ) -> SettingProblem {
        let nearest = Self.nearest(to: name, among: known)
        return SettingProblem(code: .unknownKey, origin: origin, message: "unknown \(what); the nearest is \(nearest)")
    }
}

// MARK: - The sources

extension SettingsTable {
    private func statements(
        of file: ConfigurationFile,
        _ problems: inout [SettingProblem]
    ) throws(SettingsError) -> [Statement] {
        let byKey = Dictionary(declarations.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var statements: [Statement] = []
        for entry in try file.entries(secrets: Set(declarations.filter(\.isSecret).map(\.key))) {
            let origin = SettingOrigin.file(path: file.path, line: entry.line)
            guard let declaration = byKey[entry.key] else {
                let isSection = byKey.keys.contains { $0.hasPrefix(entry.key + ".") }
                problems.append(
                    isSection
                        ? SettingProblem(
                            code: .wrongValue,
                            origin: origin,
                            message: "\(entry.key) must be a mapping of keys, not a value"
                        ) : unknown(entry.key, "key \(entry.key)", origin, among: declarations.map(\.key))
                )
                continue
            }
            switch entry.content {
            case .text(let text):
                statements.append(Statement(declaration: declaration, text: text, origin: origin))
            case .malformed(let what):
                let message = "\(entry.key) is \(what); it must be \(declaration.expected)"
                problems.append(SettingProblem(code: .wrongValue, origin: origin, message: message))
            }
        }
        return statements
    }

    private func statements(
        of environment: [String: String],
        _ problems: inout [SettingProblem]
    ) -> [Statement] {
        let byName = Dictionary(declarations.map { ($0.environmentName, $0) }, uniquingKeysWith: { first, _ in first })
        var statements: [Statement] = []
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("WHARF_") {
            if let declaration = byName[name] {
                statements.append(Statement(declaration: declaration, text: text, origin: .environment(name)))
            } else if name != ServerSettings.fileVariable, !ServerSettings.commandVariables.contains(name),
                !Self.isServiceLink(name)
            {
                let known = declarations.map(\.environmentName) + [ServerSettings.fileVariable]
                problems.append(unknown(name, "variable", .environment(name), among: known))
            }
        }
        return statements
    }

    private func statements(of arguments: [String], _ problems: inout [SettingProblem]) -> [Statement] {
        let byFlag = Dictionary(declarations.map { ($0.flag, $0) }, uniquingKeysWith: { first, _ in first })
        var statements: [Statement] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = parts.first.map(String.init) ?? ""
            guard let declaration = byFlag[flag] else {
                problems.append(unknownArgument(flag))
                // What follows an unknown flag is most likely its value, and no second mistake.
                if parts.count == 1, rest.first?.hasPrefix("-") == false { rest.removeFirst() }
                continue
            }
            let text: String
            if parts.count == 2 {
                text = String(parts[1])
            } else if declaration.isSwitch {
                text = "true"
            } else if let value = rest.first, !value.hasPrefix("--") {
                text = value
                rest.removeFirst()
            } else {
                let message = "a value must follow: \(declaration.expected)"
                problems.append(SettingProblem(code: .wrongArgument, origin: .flag(flag), message: message))
                continue
            }
            statements.append(Statement(declaration: declaration, text: text, origin: .flag(flag)))
        }
        return statements
    }

    private func unknownArgument(_ argument: String) -> SettingProblem {
        guard argument.hasPrefix("-") else {
            let message = "this word belongs to no flag"
            return SettingProblem(code: .wrongArgument, origin: .flag(argument), message: message)
        }
        return unknown(argument, "flag", .flag(argument), among: declarations.map(\.flag) + ["--config"])
    }

    /// Whether Kubernetes made the variable, as it does in every container for a service of our name.
    ///
    /// It sets `NAME_SERVICE_HOST`, `NAME_SERVICE_PORT`, `NAME_SERVICE_PORT_…`, `NAME_PORT` and `NAME_PORT_80_TCP…`,
    /// where NAME can be `WHARF` or begin so. Source: Kubernetes, "Connecting applications with services".
    private static func isServiceLink(_ name: String) -> Bool {
        name.wholeMatch(of: #/WHARF_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?)/#) != nil
            || name.wholeMatch(of: #/WHARF_([A-Z0-9_]+_)?PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?/#) != nil
    }
}

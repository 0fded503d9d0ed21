/// Settings that were read and checked, and where each of them comes from.
public struct LoadedSettings<Root: Sendable>: Sendable {
    /// The values.
    public let settings: Root
    private let table: SettingsTable<Root>
    private let origins: [String: SettingOrigin]

    init(_ settings: Root, table: SettingsTable<Root>, origins: [String: SettingOrigin]) {
        self.settings = settings
        self.table = table
        self.origins = origins
    }

    /// Where the value of a key such as `http.listen` comes from.
    public func origin(of key: String) -> SettingOrigin {
        origins[key] ?? .builtIn
    }

    /// A problem for each secret that cannot be had now; runs the commands that some of them name.
    func secretProblems() -> [SettingProblem] {
        table.declarations.compactMap { declaration in
            do throws(Secret.Problem) {
                _ = try declaration.secret(settings)?.revealed()
                return nil
            } catch {
                let message = "\(declaration.key): \(error.description)"
                return SettingProblem(code: .unavailableSecret, origin: origin(of: declaration.key), message: message)
            }
        }
    }

    /// All values as a YAML file, with the origin of each behind it; secrets are references or `<redacted>`.
    public func yaml() -> String {
        var lines: [String] = []
        var open: [String] = []
        for declaration in table.declarations {
            let words = declaration.key.split(separator: ".").map(String.init)
            let sections = words.dropLast()
            let shared = zip(open, sections).prefix { $0 == $1 }.count
            for (depth, section) in sections.enumerated().dropFirst(shared) {
                lines.append(String(repeating: "  ", count: depth) + section + ":")
            }
            open = Array(sections)
            let indent = String(repeating: "  ", count: sections.count)
            let value = declaration.json(settings).map { " " + $0.text() } ?? ""
            lines.append("\(indent)\(words[sections.count]):\(value)  # \(origin(of: declaration.key))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Looks for settings that are declared and that nothing acts on.
enum SettingUse {
    /// Where the keys are declared; a rule between values acts on them there too.
    static let declarations = [
        "Sources/Ground/Settings/ServerSettings+Keys.swift", "Sources/Ground/Settings/ServerSettings+LimitKeys.swift",
    ]
    /// What turns settings into a server.
    static let programs = "Sources/Programs"

    /// The paths of the values that keys are declared for, such as `http.tls.key`.
    static func declared(in file: SourceFile) -> [String] {
        file.codeLines.joined(separator: "\n").matches(of: #/\\\.(\w+(?:\.\w+)+),/#).map { String($0.1) }
    }

    /// Those of the paths that no file reads.
    ///
    /// A value is read by the name of its group, `tls.key`, or as `settings.key` by a file that is handed that group.
    static func unused(_ paths: [String], by files: [SourceFile]) -> [String] {
        let texts = files.map { $0.codeLines.joined(separator: "\n").replacing(#/\\[.\w]+/#, with: "") }
        let words = texts.map { text in
            let all = text.matches(of: #/\w+(?:\??\.\w+)+/#).map { $0.0.replacing("?", with: "").split(separator: ".") }
            return Set(all.flatMap { chain in zip(chain, chain.dropFirst()).map { "\($0).\($1)" } })
        }
        return paths.filter { path in
            let parts = path.split(separator: ".")
            let (group, value) = (parts[parts.count - 2], parts[parts.count - 1])
            return !zip(texts, words).contains { text, words in
                words.contains("\(group).\(value)")
                    || (words.contains("settings.\(value)") && text.lowercased().contains("serversettings.\(group)"))
            }
        }
    }
}

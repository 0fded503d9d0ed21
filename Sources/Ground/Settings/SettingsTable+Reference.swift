extension SettingsTable {
    /// A Markdown page with every key.
    var referencePage: String {
        var page = """
            # Configuration

            <!-- Written by `wharf config reference`: change Sources/Ground/Settings, then run `make docs`. -->

            Every value has a default: without any configuration `wharf serve` stores in `./wharf-data` and listens on
            `127.0.0.1:5000`. What is given is taken in this order, the first that says something wins:

            1. a flag: `wharf serve --listen 127.0.0.1:5001` or `--listen=127.0.0.1:5001`;
            2. an environment variable: `WHARF_HTTP_LISTEN=127.0.0.1:5001`;
            3. one YAML file, named by `--config FILE` or `WHARF_CONFIG`:

               ```yaml
               http:
                 listen: 127.0.0.1:5001
               ```

            A key, a variable that begins with `WHARF_` or a flag that does not exist is an error that names the nearest
            one that does; variables that Kubernetes sets for a service called `wharf` are passed over.
            `wharf config check` reads a configuration and says all that is wrong with it, `wharf config show` prints
            every value and where it comes from, `wharf config schema` prints a JSON Schema of the file for editors.

            Durations are numbers with a unit: `500ms`, `30s`, `5m`, `12h`, `7d`, `1h30m`. Byte counts are a number with
            a unit: `512KiB`, `4MiB`, `2GB`; without a unit it is bytes. A list is a YAML list, or in a flag and in the
            environment its items with commas between them.

            """
        for section in sections {
            page += "\n## \(section.name)\n\n\(section.sentence)\n"
            for declaration in declarations where declaration.key.hasPrefix(section.name + ".") {
                page += entry(declaration)
            }
        }
        return page
    }

    private func entry(_ declaration: SettingDeclaration<Root>) -> String {
        let standard = declaration.shown(defaults)
        let off = isOn(declaration) ? ", and to switch it off `\(declaration.flag)=false`" : ""
        let value = declaration.isSwitch ? "" : " \(declaration.placeholder)"
        return """

            ### `\(declaration.key)`

            \(declaration.sentence)

            - Value: \(declaration.expected)
            - Default: \(standard.isEmpty ? "none" : "`\(standard)`")
            - Flag: `\(declaration.flag)\(value)`\(off)
            - Environment: `\(declaration.environmentName)`

            """
    }

    /// The flags for `--help`: one with its key, then what it does, broken to lines.
    var flagHelp: String {
        declarations.map { declaration in
            let value =
                declaration.isSwitch ? (isOn(declaration) ? "[=false]" : "") : " \(declaration.placeholder)"
            let standard = declaration.shown(defaults)
            let off = isOn(declaration) ? "; \(declaration.flag)=false switches it off" : ""
            let sentence = declaration.sentence + (standard.isEmpty ? "" : " (default: \(standard)\(off))")
            return "  \(declaration.flag)\(value)\n" + Self.wrap(sentence, indent: "        ", width: 78)
        }.joined(separator: "\n")
    }

    /// Whether a key is a switch that is on when nothing is said, so that its flag alone changes nothing.
    private func isOn(_ declaration: SettingDeclaration<Root>) -> Bool {
        declaration.isSwitch && declaration.shown(defaults) == "true"
    }

    private static func wrap(_ text: String, indent: String, width: Int) -> String {
        var lines: [String] = []
        var line = indent
        for word in text.split(separator: " ") {
            if line.count + word.count > width, line.count > indent.count {
                lines.append(line)
                line = indent
            }
            line += (line.count > indent.count ? " " : "") + word
        }
        return (lines + [line]).joined(separator: "\n")
    }
}

import ArgumentParser

/// The command reference as a page of Markdown.
struct ReferencePage {
    private let program: CommandDescription
    private let shared: [SharedOptions]

    init() throws {
        program = try CommandDescription.program()
        shared = try SharedOptions.all()
    }

    /// The whole page.
    var text: String {
        let chapters = CommandChapter.all(of: program)
        var lines = [
            "# Commands", "",
            "<!-- Written by `wharf help-pages markdown`: change Sources/Programs/wharf, then run `make docs`. -->",
            "",
            "`wharf help COMMAND` shows the same at a terminal, and `make man` writes it as man pages. What standard",
            "output and standard error are for, and completion: [guide.md](guide.md#the-command-line). The keys of the",
            "server: [configuration.md](configuration.md).",
            "",
        ]
        for chapter in chapters {
            lines.append("- \(chapter.title): " + chapter.commands.map(link).joined(separator: ", "))
        }
        lines += ["- All: [exit codes](#exit-codes), " + shared.map { link($0) }.joined(separator: ", "), ""]
        lines += exitCodes
        lines += shared.flatMap(section)
        for chapter in chapters {
            lines += ["## \(chapter.title)", ""]
            lines += chapter.commands.flatMap(\.withAllBelow).flatMap(section)
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private var exitCodes: [String] {
        var lines = ["## Exit codes", "", "A pipeline may stand on them: they never change their meaning.", ""]
        lines += ["| code | meaning |", "|---|---|"]
        lines += ExitStatus.allCases.map { "| \($0.rawValue) | \(Self.escaped($0.meaning)) |" }
        return lines + [""]
    }

    private func section(_ options: SharedOptions) -> [String] {
        ["## \(options.title)", "", options.sentence, ""] + table(of: options.arguments, headed: "option")
    }

    private func section(_ command: CommandDescription) -> [String] {
        var lines = ["### \(command.title)", "", Self.escaped(command.abstract ?? ""), ""]
        lines += ["    \(command.usage)", ""]
        if let aliases = command.aliases {
            lines += ["Also: " + aliases.map { "`wharf \($0)`" }.joined(separator: ", ") + ".", ""]
        }
        for part in command.parts where !Self.keys.contains(part) { lines += Self.lines(of: part) + [""] }
        if command.parts.contains(where: Self.keys.contains) {
            lines += ["Each key of [configuration.md](configuration.md) has a flag here.", ""]
        }
        if !command.commands.isEmpty {
            lines += command.commands.map { "- [\($0.title)](#\(Self.anchor($0.title))): \($0.abstract ?? "")" } + [""]
        }
        let (own, parts) = command.divided(by: shared)
        lines += table(of: own.filter { $0.kind == .positional }, headed: "argument")
        lines += table(of: own.filter { $0.kind != .positional }, headed: "option")
        if !parts.isEmpty { lines += ["And the " + parts.map { link($0) }.joined(separator: ", ") + ".", ""] }
        return lines
    }

    /// The list of flags for keys of the server, which the page of the configuration explains better.
    private static let keys = Discussion(SettingsOptions.discussion).parts

    private func table(of arguments: [CommandDescription.Argument], headed head: String) -> [String] {
        guard !arguments.isEmpty else { return [] }
        let rows = arguments.map { argument in
            "| `\(argument.synopsis.replacing("|", with: "\\|"))` | \(Self.escaped(argument.sentences)) |"
        }
        return ["| \(head) | |", "|---|---|"] + rows + [""]
    }

    private static func lines(of part: Discussion.Part) -> [String] {
        switch part {
        case .paragraph(let text): [escaped(text)]
        case .examples(let lines): [lines.count == 1 ? "Example:" : "Examples:", ""] + lines.map { "    \($0)" }
        case .verbatim(let lines): lines.map { $0.isEmpty ? "" : "    \($0)" }
        }
    }

    private func link(_ command: CommandDescription) -> String {
        "[\(command.commandName)](#\(Self.anchor(command.title)))"
    }

    private func link(_ options: SharedOptions) -> String {
        "[\(options.title.lowercased())](#\(Self.anchor(options.title)))"
    }

    /// How a page's heading is linked to.
    private static func anchor(_ title: String) -> String { title.lowercased().replacing(" ", with: "-") }

    /// Text that means itself in Markdown, in code between backquotes as it stands.
    private static func escaped(_ text: String) -> String {
        var isCode = false
        return text.reduce(into: "") { result, character in
            if character == "`" { isCode.toggle() }
            let isSpecial = character == "|" || (!isCode && "*<".contains(character))
            result += isSpecial ? "\\\(character)" : String(character)
        }
    }
}

/// Commands under a common heading.
struct CommandChapter {
    /// The heading.
    let title: String
    /// The commands, in the order of the help.
    let commands: [CommandDescription]

    /// As the help of the program has them.
    static func all(of program: CommandDescription) -> [CommandChapter] {
        let groups = Wharf.configuration.groupedSubcommands
        let grouped = groups.map { group in
            let names = group.subcommands.map { $0._commandName }
            return CommandChapter(
                title: group.name.hasSuffix(":") ? String(group.name.dropLast()) : group.name,
                commands: program.commands.filter { names.contains($0.commandName) }
            )
        }
        let known = Set(grouped.flatMap(\.commands).map(\.commandName))
        let rest = program.commands.filter { !known.contains($0.commandName) }
        let all = grouped + [CommandChapter(title: "Other", commands: rest)]
        return all.filter { !$0.commands.isEmpty }
    }
}

import ArgumentParser

/// What help must have: a sentence, an example that the parser takes, a word on each option, and names that are told
/// apart.
enum HelpCheck {
    /// All that is lacking, a line each.
    static func findings() async throws -> [String] {
        let program = try CommandDescription.program()
        var findings: [String] = []
        for command in program.withAllBelow {
            var all = sentence(of: command) + options(of: command) + names(below: command)
            let above = program.withAllBelow.first { $0.path == Array(command.path.dropLast()) }
            all += await examples(of: command, isDefault: above?.byDefault?.path == command.path)
            findings += all.map { "\(command.title): \($0)" }
        }
        return findings
    }

    private static func sentence(of command: CommandDescription) -> [String] {
        let abstract = command.abstract ?? ""
        var findings: [String] = []
        if abstract.isEmpty { findings.append("there is no sentence on it") }
        if abstract.contains("\n") { findings.append("the sentence on it has more than one line") }
        if !abstract.hasSuffix(".") { findings.append("the sentence on it does not end with a full stop") }
        return findings
    }

    private static func options(of command: CommandDescription) -> [String] {
        command.shownArguments.filter { ($0.abstract ?? "").isEmpty }.map { "\($0.synopsis) has no help" }
    }

    private static func names(below command: CommandDescription) -> [String] {
        let names = command.commands.flatMap { [$0.commandName] + ($0.aliases ?? []) }
        let twice = Set(names.filter { name in names.count { $0 == name } > 1 }).sorted()
        return twice.map { "two commands are called \($0)" }
    }

    // MARK: Examples

    private static func examples(of command: CommandDescription, isDefault: Bool) async -> [String] {
        var hasOne = false
        var findings: [String] = []
        for example in command.examples {
            // A digest that is cut short for the reader's sake is whole for the parser.
            let line = example.replacing("sha256:…", with: "sha256:\(String(repeating: "0", count: 64))")
            let runs = ShellLine(line).arguments(of: "wharf")
            if runs.isEmpty { findings.append("the example \"\(example)\" runs no wharf") }
            for words in runs {
                if let reason = await refusal(of: words) {
                    findings.append("the example \"\(example)\" is refused: \(reason)")
                }
                hasOne = hasOne || begins(words, command, isDefault: isDefault)
            }
        }
        return hasOne ? findings : findings + ["there is no example of it"]
    }

    /// Whether words run a command, or one below it; what runs by default need not be named.
    private static func begins(_ words: [String], _ command: CommandDescription, isDefault: Bool) -> Bool {
        let own = Array(command.path.dropFirst())
        guard !own.isEmpty else { return true }
        let above = Array(own.dropLast())
        let ways = [own] + (command.aliases ?? []).map { above + [$0] } + (isDefault ? [above] : [])
        return ways.contains { words.starts(with: $0) }
    }

    private static func refusal(of words: [String]) async -> String? {
        do {
            _ = try await Wharf.asyncParseAsRoot(words)
            return nil
        } catch {
            return Wharf.exitCode(for: error).isSuccess ? nil : Wharf.message(for: error)
        }
    }
}

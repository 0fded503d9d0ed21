import ArgumentParser

/// A line that is being typed: which command it has come to, and what may follow.
struct TypedLine {
    private var command: CommandDescription
    /// How many words without a name the command has.
    private var positionalCount = 0
    /// The option whose value is to come.
    private var waiting: CommandDescription.Argument?
    /// Options and their values as they were typed, for those who need them to complete a value.
    private var given: [(argument: CommandDescription.Argument, value: String?)] = []
    /// A word that looks like an option and is none that the parser knows; nil where the word before is another.
    private var stray: String?
    /// Whether `--` was typed.
    private var isPastOptions = false
    private let typed: String

    /// Reads the words before the cursor's.
    init(_ program: CommandDescription, words: [String], typed: String) {
        command = program
        self.typed = typed
        for word in words { read(word) }
    }

    private mutating func read(_ word: String) {
        stray = nil
        if let option = waiting {
            given.append((option, word))
            waiting = nil
        } else if !isPastOptions, word == "--" {
            isPastOptions = true
        } else if !isPastOptions, word.hasPrefix("-"), word.count > 1 {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard let option = option(named: parts[0]) else { return stray = word }
            // An option of what runs by default is as good as its name.
            if !command.options.contains(where: { $0.synopsis == option.synopsis }), let below = command.byDefault {
                command = below
            }
            if option.kind == .option, parts.count == 1 {
                waiting = option
            } else {
                given.append((option, parts.count > 1 ? parts[1] : nil))
            }
        } else if positionalCount == 0, let below = command.command(named: word) {
            command = below
        } else if positionalCount == 0, let below = command.byDefault {
            command = below
            positionalCount = 1
        } else {
            positionalCount += 1
        }
    }

    private func option(named name: String) -> CommandDescription.Argument? {
        ownOptions.first { ($0.names ?? []).contains { $0.text == name } }
    }

    /// The options that may come now: with those of what runs by default, as long as nothing else was named.
    private var ownOptions: [CommandDescription.Argument] {
        command.options + (positionalCount == 0 ? command.byDefault?.options ?? [] : [])
    }

    /// All ways in which the word can go on.
    func candidates() async throws -> [Candidate] {
        if let waiting { return try await values(of: waiting, typed: typed, behind: "") }
        if !isPastOptions, typed.hasPrefix("-") {
            guard let equals = typed.firstIndex(of: "=") else { return options }
            let name = String(typed[..<equals])
            guard let option = option(named: name), option.kind == .option else { return [] }
            let value = String(typed[typed.index(after: equals)...])
            return try await values(of: option, typed: value, behind: "\(name)=")
        }
        if keys.contains(where: { $0.flag == stray && $0.value == "PATH" }) { return [.file(behind: "")] }
        let names = positionalCount == 0 ? commands : []
        guard let positional else { return names }
        return names + (try await values(of: positional, typed: typed, behind: ""))
    }

    /// The argument that the word is.
    private var positional: CommandDescription.Argument? {
        let all = (command.byDefault ?? command).positionals.filter { $0.parsingStrategy != .allUnrecognized }
        if positionalCount < all.count { return all[positionalCount] }
        return all.last.flatMap { $0.isRepeating ? $0 : nil }
    }

    private var commands: [Candidate] {
        var all = command.commands.map { ($0.commandName, $0.abstract) }
        if command.path.count == 1 { all.append(("help", "Show the help of a command.")) }
        return all.filter { $0.0.hasPrefix(typed) }.map { .word($0.0, meaning: $0.1) }
    }

    /// The options that are not there yet, by their long names.
    private var options: [Candidate] {
        let taken = Set(given.filter { !$0.argument.isRepeating }.map(\.argument.synopsis))
        let free = ownOptions.filter { !taken.contains($0.synopsis) }
        let all = free.flatMap { option in
            (option.names ?? []).filter { !$0.isShort }.map { ($0.text, option.abstract) }
        }
        let version = command.path.count == 1 ? [("--version", "Show the version.")] : []
        let help = [("--help", "Show the help of the command.")]
        return (all + keys.map { ($0.flag, nil) } + version + help).filter { $0.0.hasPrefix(typed) }
            .map { .word($0.0, meaning: $0.1) }
    }

    /// The flags for keys that a command of the server reads beside the parser, as its help lists them.
    private var keys: [(flag: String, value: String?)] {
        guard command.positionals.contains(where: { $0.parsingStrategy == .allUnrecognized }) else { return [] }
        let lines = command.parts.flatMap { part in
            if case .verbatim(let lines) = part { lines } else { [String]() }
        }
        return lines.map { $0.split(separator: " ").map(String.init) }.filter { $0.first?.hasPrefix("--") == true }
            .map { ($0[0], $0.count > 1 ? $0[1] : nil) }
    }

    private func values(
        of argument: CommandDescription.Argument,
        typed: String,
        behind prefix: String
    ) async throws -> [Candidate] {
        let found: [Candidate]
        if let values = argument.allValues {
            found = values.map { .word($0) }
        } else {
            let registries = RegistryCompletion(options: try RegistryOptions.quiet(from: given))
            found = await registries.candidates(for: argument.valueName ?? "", typed: typed)
        }
        return found.compactMap { candidate in
            switch candidate {
            case .word(let text, let meaning):
                text.hasPrefix(typed) ? .word(prefix + text, meaning: meaning) : nil
            case .file(let inner): .file(behind: prefix + inner)
            case .folder(let inner): .folder(behind: prefix + inner)
            }
        }
    }
}

extension RegistryOptions {
    /// What was typed of how registries are reached; nothing that would make the completion talk.
    fileprivate static func quiet(
        from given: [(argument: CommandDescription.Argument, value: String?)]
    ) throws -> RegistryOptions {
        let own = [
            "--ca", "--client-certificate", "--client-key", "--insecure", "--insecure-for", "--plain-http",
            "--plain-http-for", "--authfile",
        ]
        let words = given.flatMap { argument, value -> [String] in
            guard let name = (argument.names ?? []).map(\.text).first(where: own.contains) else { return [] }
            return [name] + (value.map { [$0] } ?? [])
        }
        return try (try? RegistryOptions.parse(words)) ?? RegistryOptions.parse([])
    }
}

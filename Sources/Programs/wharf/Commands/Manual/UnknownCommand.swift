import Settings

/// A word where the name of a command should stand, and which is none.
struct UnknownCommand {
    private let word: String
    /// The command below which it was looked for.
    private let place: CommandDescription

    /// Looks for one in the words of a command line; nil where each names a command.
    init?(in words: [String], of program: CommandDescription) {
        var place = program
        for word in words where !word.hasPrefix("-") {
            guard !place.commands.isEmpty else { return nil }
            if let below = place.command(named: word) {
                place = below
            } else if place.byDefault != nil || (place.path.count == 1 && word == "help") {
                return nil
            } else {
                self.word = word
                self.place = place
                return
            }
        }
        return nil
    }

    /// What to say on standard error.
    var sentences: String {
        let hint = nearest.map { "; the nearest is '\($0)'" } ?? ""
        return """
            Error: There is no command '\(place.title) \(word)'\(hint).
            Usage: \(place.usage)
              See '\(place.title) --help' for the commands that there are.
            """
    }

    /// The name that was likely meant; nil where none is near.
    private var nearest: String? {
        let names = place.commands.flatMap { [$0.commandName] + ($0.aliases ?? []) }
        let scored = names.map { name in
            (name: name, edits: name.hasPrefix(word) ? 0 : Spelling.edits(word, name))
        }
        guard let best = scored.min(by: { $0.edits < $1.edits }) else { return nil }
        return best.edits <= max(1, word.count / 2) ? best.name : nil
    }
}

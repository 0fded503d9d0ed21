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
            (name: name, edits: name.hasPrefix(word) ? 0 : Self.edits(from: word, to: name))
        }
        guard let best = scored.min(by: { $0.edits < $1.edits }) else { return nil }
        return best.edits <= max(1, word.count / 2) ? best.name : nil
    }

    /// How many letters must be put in, taken out, replaced or swapped with their neighbour (Damerau's distance).
    private static func edits(from left: String, to right: String) -> Int {
        // Longer words are no names of commands, and would cost time for nothing.
        let (left, right) = (Array(left.prefix(40)), Array(right))
        var rows = [Array(0...right.count)]
        for (i, letter) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var least = min(rows[i][j] + (letter == other ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}

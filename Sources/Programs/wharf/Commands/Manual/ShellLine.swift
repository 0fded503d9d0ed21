/// A line of a shell as far as examples and completion need it.
///
/// Words have their quotes taken off, and it is known where one command ends and the next begins. Variables, patterns
/// and here-documents stay as they are typed.
struct ShellLine {
    /// The commands of the line, each the words it has.
    private(set) var commands: [[String]] = [[]]
    /// Whether the end of the line is the end of a word that may go on.
    private(set) var isInWord = false

    init(_ line: String) {
        var word: String?
        var quote: Character?
        var characters = line[...]
        while let character = characters.popFirst() {
            switch (quote, character) {
            case (nil, "\\"), ("\"", "\\"):
                if let next = characters.popFirst() { word = (word ?? "") + String(next) }
            case (nil, "\""), (nil, "'"):
                quote = character
                word = word ?? ""
            case (let open?, _) where open == character: quote = nil
            case (nil, " "), (nil, "\t"), (nil, "\n"): end(&word)
            case (nil, "|"), (nil, ";"), (nil, "&"), (nil, "("), (nil, ")"), (nil, ">"), (nil, "<"):
                end(&word)
                if commands.last?.isEmpty == false { commands.append([]) }
            case (nil, "#") where word == nil: characters = ""
            default: word = (word ?? "") + String(character)
            }
        }
        isInWord = word != nil
        end(&word)
    }

    private mutating func end(_ word: inout String?) {
        if let word { commands[commands.count - 1].append(word) }
        word = nil
    }

    /// The words behind the name of a program, for each time that it is run; variables that are set before it, and
    /// `sudo`, are passed over.
    func arguments(of program: String) -> [[String]] {
        commands.compactMap { words in
            let start = words.firstIndex { !$0.contains("=") && $0 != "sudo" }
            guard let start, words[start] == program else { return nil }
            return Array(words[(start + 1)...])
        }
    }

    /// The words of the last command behind its name, and what of a word stands at the end of the line.
    var open: (words: [String], typed: String) {
        var words = commands.last ?? []
        let typed = isInWord ? words.popLast() ?? "" : ""
        return (Array(words.dropFirst()), typed)
    }
}
